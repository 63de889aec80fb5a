package app

// RunningTimers returns how many timers the application has waiting.
func (a *App) RunningTimers() int { return a.timers.Running() }

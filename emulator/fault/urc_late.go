package fault

var lateURC = Kind{
	Name: "urc-late",
	Help: "A notification is held back until the next command has been answered.",
	On:   EachNotification,
	arm: func(values) action {
		return action{EachNotification, ToHost, func(m *moment) string {
			m.hold = true
			return "the notification " + m.where + " is held back until a command has been answered"
		}}
	},
}

package fault

var lostByte = Kind{
	Name:   "lost",
	Help:   "A byte is lost on the line, as without flow control.",
	On:     EachByte,
	Params: []Param{directionParam()},
	arm: func(v values) action {
		return action{EachByte, Direction(v["to"]), func(m *moment) string {
			m.copies = 0
			return m.where + " was lost"
		}}
	},
}

package fault

var doubledByte = Kind{
	Name:   "doubled",
	Help:   "A byte arrives twice.",
	On:     EachByte,
	Params: []Param{directionParam()},
	arm: func(v values) action {
		return action{EachByte, Direction(v["to"]), func(m *moment) string {
			m.copies *= 2
			return m.where + " arrived twice"
		}}
	},
}

package fault

var doubledURC = Kind{
	Name: "urc-twice",
	Help: "A notification comes twice.",
	On:   EachNotification,
	arm: func(values) action {
		return action{EachNotification, ToHost, func(m *moment) string {
			m.copies *= 2
			return "the notification " + m.where + " came twice"
		}}
	},
}

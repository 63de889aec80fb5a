package fault

import "fmt"

// Serial Modem once sent notifications like that; modems of other makes still do
// (fact fault/urc-places).
var insertedURC = Kind{
	Name: "urc",
	Help: "A notification comes in the middle of an answer.",
	On:   EachResult,
	Params: []Param{
		choiceParam("place", "before the final result, or between the first information line and what follows it", "ok", "header"),
		lineParam("text", "%CESQ: 54,2,16,2", "the notification"),
	},
	arm: func(v values) action {
		a := action{on: EachResult, to: ToHost}
		place := "before the final result"
		if v["place"] == "header" {
			a.on = EachAnswer
			place = "behind the first line of the answer"
		}
		a.happen = func(m *moment) string {
			line := m.layout(v["text"])
			if a.on == EachResult {
				m.before = append(m.before, line...)
			} else {
				m.after = append(m.after, line...)
			}
			return fmt.Sprintf("the notification %q came %s%s", v["text"], place, m.where)
		}
		return a
	},
}

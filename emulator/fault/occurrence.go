package fault

import (
	"math/rand/v2"
	"strconv"
)

// A Rule says at which of its opportunities a fault happens. Opportunities are
// counted from 1, from the moment when the fault is added.
type Rule struct {
	After  int     // the first so many are left out
	Every  int     // of those that follow, each Every-th; 0 or 1 for all of them
	Chance float64 // and of those, each with this probability; 0 for all of them
	Count  int     // how often it happens at most, at least 1
	Row    int     // how often at opportunities in a row at most, at least 1
}

// Bounds and defaults of rules; free choices.
const (
	maxOpportunity = 1_000_000_000
	maxCount       = 10_000
	maxRow         = 1000
	defaultCount   = 1  // of a fault without Every and Chance
	repeatedCount  = 10 // of one with them
	defaultRow     = 3
)

// RuleParams are the parameters that all faults take.
var RuleParams = []Param{
	numberParam("after", "0", 0, maxOpportunity, "leave the first N opportunities out"),
	numberParam("every", "1", 1, maxOpportunity, "of those that follow take every N-th"),
	chanceParam("p", "and of those each with this probability; all if it is not given"),
	{"count", "at most N times; 10 with every or p, otherwise 1", "", numberParam("", "", 1, maxCount, "").check},
	numberParam("row", strconv.Itoa(defaultRow), 1, maxRow, "at most N times in a row"),
}

// rule reads the parameters of a Rule.
func (v values) rule() Rule {
	r := Rule{After: v.number("after"), Every: v.number("every"), Count: defaultCount, Row: v.number("row")}
	if v["p"] != "" {
		var err error
		r.Chance, err = strconv.ParseFloat(v["p"], 64)
		must(err)
	}
	switch {
	case v["count"] != "":
		r.Count = v.number("count")
	case r.Every > 1 || r.Chance > 0:
		r.Count = repeatedCount
	}
	return r
}

// A counter follows a rule.
type counter struct {
	Rule
	random *rand.Rand
	seen   int // opportunities
	hits   int
	row    int // hits in a row until now
}

func (c *counter) spent() bool { return c.hits >= c.Count }

// next reports whether it happens at the next opportunity.
func (c *counter) next() bool {
	c.seen++
	if c.hit() {
		c.hits++
		c.row++
		return true
	}
	c.row = 0
	return false
}

func (c *counter) hit() bool {
	n := c.seen - c.After
	if n <= 0 || c.spent() || n%c.Every != 0 {
		return false
	}
	// The number is drawn even if the row is full: what comes later does not
	// depend on it then.
	return (c.Chance == 0 || c.random.Float64() < c.Chance) && c.row < c.Row
}

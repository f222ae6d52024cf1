package calendar

import "time"

// EndBefore is the rule of a series that began at start, cut so that it has
// no time on cut's date or later. The errors are those of Walls; when nothing
// would be left, the field is "rule", code "end".
func (r Rule) EndBefore(start, cut Wall) (Rule, error) {
	walls, err := r.Walls(start)
	if err != nil {
		return Rule{}, err
	}
	left := 0
	for left < len(walls) && walls[left].Before(cut.midnight()) {
		left++
	}
	switch {
	case left == 0:
		return Rule{}, invalid("rule", "end", "Must not end before it starts.")
	case r.count > 0:
		r.count = left
	case cut.midnight().Compare(r.until) <= 0:
		r.until = cut.midnight().AddDays(-1)
	}
	return r, nil
}

// Rest is the rule by which a series that began at start goes on from one of
// its times, so that the times before that one and those of Rest are together
// those of r. The errors are those of Walls; when from is not a time of the
// series, the field is "starts_at", code "rule_start".
func (r Rule) Rest(start, from Wall) (Rule, error) {
	walls, err := r.Walls(start)
	if err != nil {
		return Rule{}, err
	}
	for i, w := range walls {
		if w == from {
			r.count = max(r.count-i, 0) // 0 stays: that one ends by date
			return r, nil
		}
	}
	return Rule{}, invalid("starts_at", "rule_start", "Must be a time at which the series recurs.")
}

// Shifted is the rule of a series that is moved by so many days, earlier ones
// being negative: each time of the series moves by just that, which is why its
// week start and the date it ends at move too. A monthly rule cannot be moved
// to another day; the error is Invalid, field "rule", code "monthly".
func (r Rule) Shifted(days int) (Rule, error) {
	if days == 0 {
		return r, nil
	}
	if r.monthly {
		return Rule{}, invalid("rule", "monthly", "A monthly series cannot be moved to another day.")
	}
	var moved weekdays
	for _, day := range mondayFirst {
		if r.days.has(day) {
			moved = moved.with(shiftDay(day, days))
		}
	}
	r.days = moved
	if r.weekStartMatters() {
		r.weekStart = shiftDay(r.weekStart, days)
	}
	if r.count == 0 {
		r.until = r.until.AddDays(days)
	}
	return r, nil
}

func shiftDay(day time.Weekday, days int) time.Weekday {
	return time.Weekday((int(day) + days%7 + 7) % 7)
}

package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// A day of a list begins and ends by the clocks of the practice.
func TestDaysAreThoseOfThePractice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		n := 0
		for _, c := range []struct{ zone, day, begins, ends string }{
			{"Asia/Jerusalem", "2026-02-03", "2026-02-02T22:00:00Z", "2026-02-03T22:00:00Z"},
			{"Asia/Jerusalem", "2026-03-27", "2026-03-26T22:00:00Z", "2026-03-27T21:00:00Z"},      // 23 hours
			{"Asia/Jerusalem", "2026-10-25", "2026-10-24T21:00:00Z", "2026-10-25T22:00:00Z"},      // 25 hours
			{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},         // no midnight
			{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},        // no midnight
			{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},      // no midnight
			{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},      // two of them
			{"Pacific/Kiritimati", "2026-06-01", "2026-05-31T10:00:00Z", "2026-06-01T10:00:00Z"},  // 14 hours ahead
			{"Pacific/Pago_Pago", "2026-06-02", "2026-06-02T11:00:00Z", "2026-06-03T11:00:00Z"},   // 11 hours behind
			{"Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"}, // half an hour
			{"UTC", "2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
		} {
			k.Ask(http.MethodPut, "/workspace", d.header, obj{"time_zone": c.zone}).Want(k, 200)
			begins, ends := at(c.begins), at(c.ends)
			d.add(n+1, begins.Add(-time.Hour), begins)                   // the day before
			d.add(n+2, begins.Add(-time.Hour), begins.Add(time.Minute))  // reaches in
			d.add(n+3, begins, begins.Add(time.Hour))                    // the first
			d.add(n+4, ends.Add(-time.Microsecond), ends.Add(time.Hour)) // the last
			d.add(n+5, ends, ends.Add(time.Hour))                        // the day after
			query := "start_date=" + c.day + "&end_date=" + c.day
			if got, want := d.numbers(query), []int{n + 2, n + 3, n + 4}; !slices.Equal(got, want) {
				t.Errorf("%s in %s lists %v, want %v", c.day, c.zone, got, want)
			}
			testkit.NoErr(t, k.DB.Exec("update appointments set status = 'cancelled'"))
			n += 5
		}
	})
}

func TestDaysMayBeOpenAndMixed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1) // in Jerusalem
		for i, start := range []string{"2026-02-02T21:00:00Z", "2026-02-02T22:00:00Z", "2026-02-03T21:59:00Z", "2026-02-03T22:59:00Z", "2026-02-05T10:00:00Z"} {
			d.add(i+1, at(start), at(start).Add(time.Minute))
		}
		for query, want := range map[string][]int{
			"start_date=2026-02-03":                                      {2, 3, 4, 5},
			"end_date=2026-02-03":                                        {1, 2, 3},
			"start_date=2026-02-03&end_date=2026-02-04":                  {2, 3, 4},
			"start_date=2026-02-03&end_date=2026-02-05":                  {2, 3, 4, 5},
			"start_date=2026-02-03&end_date=2026-02-03T22:00:00Z":        {2, 3},
			"start_date=2026-02-02T22:30:00Z&end_date=2026-02-03":        {3},
			"start_date=2026-02-03&to=2026-02-03T12:00:00Z":              {2},
			"from=2026-02-03T12:00:00Z&end_date=2026-02-04":              {3, 4},
			"start_date=2026-02-03T00:00:00%2B02:00&end_date=2026-02-03": {2, 3},
			"start_date=2026-02-06":                                      {},
			"start_date=1970-01-01&end_date=9999-12-31":                  {1, 2, 3, 4, 5},
			"start_date=0001-01-01&end_date=0001-01-02":                  {},
			"start_date=2026-02-03&end_date=2026-02-03&order=desc":       {3, 2},
		} {
			if got := d.numbers(query); !slices.Equal(got, want) {
				t.Errorf("%s lists %v, want %v", query, got, want)
			}
		}
		for query, want := range map[string]string{
			"start_date=2026-02-30": "query.start_date date", "end_date=yesterday": "query.end_date date",
			"start_date=2026-02-03T10:00:00": "query.start_date date", "start_date=x&end_date=y": "query.end_date date,query.start_date date",
		} {
			if got := strings.Join(wrong(k, d.page(query)), ","); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	})
}

// A window that ends before it begins is a mistake of the caller.
func TestWindowBackwardsIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.add(1, at("2026-02-03T08:00:00Z"), at("2026-02-03T20:00:00Z"))
		for query, want := range map[string]string{
			"from=2026-02-03T12:00:00Z&to=2026-02-03T11:00:00Z":             "query.to order",
			"start_date=2026-02-04&end_date=2026-02-03":                     "query.end_date order",
			"start_date=2026-02-03T12:00:00Z&end_date=2026-02-03T11:00:00Z": "query.end_date order",
			"from=2026-02-09T12:00:00Z&end_date=2026-02-03":                 "query.end_date order",
		} {
			res := d.page(query)
			if res.Status != 422 || strings.Join(wrong(k, res), ",") != want {
				t.Errorf("%s: %d %s, want %s", query, res.Status, res.Body, want)
			}
		}
		if got := d.numbers("from=2026-02-03T12:00:00Z&to=2026-02-03T12:00:00Z"); !slices.Equal(got, []int{1}) {
			t.Errorf("a moment lists %v", got)
		}
	})
}

// Every member sees the same days: the practice's, whatever was changed since.
func TestDaysFollowTheZoneAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, other := deskOf(k, k.User1), deskOf(k, k.Assistant1)
		d.add(1, at("2026-02-02T23:00:00Z"), at("2026-02-02T23:30:00Z"), func(a *model.Appointment) { a.PractitionerID = k.Practitioner1.ID })
		day := "start_date=2026-02-03&end_date=2026-02-03"
		if got := other.numbers(day); !slices.Equal(got, []int{1}) {
			t.Errorf("in Jerusalem it lists %v", got)
		}
		k.Ask(http.MethodPut, "/workspace", d.header, obj{"time_zone": "UTC"}).Want(k, 200)
		if got := other.numbers(day); len(got) != 0 {
			t.Errorf("in UTC it lists %v", got)
		}
	})
}

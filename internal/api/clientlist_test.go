package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// book stores an appointment that starts at the clock's time plus in.
func book(k *testkit.Kit, client uuid.UUID, n int, in time.Duration, status string) {
	k.T.Helper()
	start := k.Clock.Now().Add(in)
	k.AddAppointment(k.Workspace1.ID, model.Appointment{ID: testkit.ID(4, n), ClientID: client, PractitionerID: k.User1.ID, StartsAt: start, Status: status})
}

func person(n int, first, last string) model.Client {
	return model.Client{ID: testkit.ID(3, n), Contact: model.Contact{FirstName: model.Text(first), LastName: model.Text(last)}}
}

// list returns the full names of a list, in its order.
func list(k *testkit.Kit, query string) []string {
	k.T.Helper()
	names := []string{}
	for _, c := range k.Ask(http.MethodGet, "/clients?"+query, k.AuthHeaders(k.User1), nil).Want(k, http.StatusOK).List(k) {
		names = append(names, fmt.Sprint(c["full_name"]))
	}
	return names
}

func TestEmptyListIsAnArray(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := k.AddWorkspace(3)
		res := k.Ask(http.MethodGet, "/clients", k.AuthHeaders(k.AddUser(9, w.ID, model.Owner)), nil).Want(k, http.StatusOK)
		if strings.TrimSpace(string(res.Body)) != "[]" || res.Header.Get("X-Total-Count") != "0" || res.Header.Get("Link") != "" {
			t.Errorf("%s, total %q, link %q", res.Body, res.Header.Get("X-Total-Count"), res.Header.Get("Link"))
		}
	})
}

func TestVisitsAreListedWhenAskedFor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.AddClients(k.Workspace1.ID, []model.Client{person(1, "No", "Visits")})
		for i, a := range []struct {
			in     time.Duration
			status string
		}{
			{48 * time.Hour, "scheduled"}, {24 * time.Hour, "scheduled"}, {12 * time.Hour, "cancelled"}, {0, "scheduled"},
			{-48 * time.Hour, "attended"}, {-24 * time.Hour, "attended"}, {time.Hour, "attended"}, {-time.Hour, "no_show"}, {-2 * time.Hour, "scheduled"},
		} {
			book(k, k.Client1.ID, i, a.in, a.status)
		}
		h := k.AuthHeaders(k.User1)
		at := func(in time.Duration) string { return k.Clock.Now().Add(in).Format(time.RFC3339) }
		visits := obj{"next_appointment": at(24 * time.Hour), "last_appointment": at(-24 * time.Hour), "appointment_count": 8}
		clients := k.Ask(http.MethodGet, "/clients?include=appointments", h, nil).Want(k, http.StatusOK).List(k)
		same(k, clients[0], visits)
		same(k, clients[1], obj{"full_name": "No Visits", "next_appointment": nil, "last_appointment": nil, "appointment_count": 0})
		for _, c := range k.Ask(http.MethodGet, "/clients", h, nil).Want(k, http.StatusOK).List(k) {
			for name := range visits {
				if _, there := c[name]; there {
					t.Errorf("%s is there and was not asked for", name)
				}
			}
		}
		same(k, k.Ask(http.MethodGet, "/clients/"+k.Client1.ID.String(), h, nil).Want(k, http.StatusOK).Map(k), visits)
		k.Clock.Advance(20 * time.Minute)
		k.Clock.Advance(40 * time.Minute) // the attended one of the future is now
		h = k.AuthHeaders(k.User1)
		same(k, k.Ask(http.MethodGet, "/clients?include=appointments", h, nil).Want(k, http.StatusOK).List(k)[0], obj{"last_appointment": at(0)})
		k.Clock.Advance(23 * time.Hour) // the next one is now, which is not next
		h = k.AuthHeaders(k.User1)
		same(k, k.Ask(http.MethodGet, "/clients?include=appointments", h, nil).Want(k, http.StatusOK).List(k)[0], obj{"next_appointment": at(24 * time.Hour)})
	})
}

func TestListsByStatus(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		at := k.Clock.Now()
		gone := person(1, "Al", "Gone")
		gone.ArchivedAt = &at
		k.AddClients(k.Workspace1.ID, []model.Client{gone})
		for query, want := range map[string][]string{
			"":                      {"John Doe"},
			"status=active":         {"John Doe"},
			"status=archived":       {"Al Gone"},
			"status=all":            {"John Doe", "Al Gone"},
			"status=all&q=gone":     {"Al Gone"},
			"status=active&q=gone":  {},
			"status=archived&q=doe": {},
		} {
			if got := list(k, query); !slices.Equal(got, want) {
				t.Errorf("%q lists %q, want %q", query, got, want)
			}
		}
	})
}

func TestBadListParameters(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.AuthHeaders(k.User1)
		for _, query := range []string{
			"limit=0", "limit=101", "limit=-1", "limit=abc", "limit=1.5", "limit=99999999999999999999", "status=deleted", "status=ACTIVE",
			"include=everything", "include=appointments,notes", "cursor=garbage", "cursor=00000000-0000-0000-0000-000000000000",
			"cursor=" + strings.Repeat("a", 65), "cursor=" + k.Client2.ID.String(), "cursor=20000000-0000-0000-0000-00000000ffff", "q=" + strings.Repeat("a", 201),
		} {
			res := k.Ask(http.MethodGet, "/clients?"+query, h, nil).WantCode(k, http.StatusUnprocessableEntity, "invalid")
			name, value, _ := strings.Cut(query, "=")
			if fields := wrong(k, res); len(fields) != 1 || !strings.HasPrefix(fields[0], "query."+name) {
				t.Errorf("%s: refused as %q", query, fields)
			}
			if len(value) > 3 && strings.Contains(string(res.Body), value) {
				t.Errorf("%s: the answer repeats it: %s", query, res.Body)
			}
		}
		for _, query := range []string{"limit=1", "limit=100", "cursor=" + k.Client1.ID.String()} {
			k.Ask(http.MethodGet, "/clients?"+query, h, nil).Want(k, http.StatusOK)
		}
	})
}

func TestListIsSortedByLastFirstID(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := k.AddWorkspace(3)
		h := k.AuthHeaders(k.AddUser(9, w.ID, model.Owner))
		sorted := []model.Client{
			person(9, "Éva", "abel"), person(2, "zoe", "Abel"), person(3, "Dana", "Ábel Smith"), person(4, "ana", "Cohen"), person(5, "Ana", "cohen"),
			person(6, "Ana", "Cohén"), person(1, "Bar", "Cohen"), person(8, "אביב", "כהן"), person(7, "דנה", "כָּהֵן"), person(10, "בר", "לוי"),
		}
		shuffled := slices.Clone(sorted)
		slices.SortFunc(shuffled, func(a, b model.Client) int { return strings.Compare(b.ID.String(), a.ID.String()) })
		k.AddClients(w.ID, shuffled)
		var want, got []string
		for _, c := range sorted {
			want = append(want, c.ID.String())
		}
		for _, c := range k.Ask(http.MethodGet, "/clients", h, nil).Want(k, http.StatusOK).List(k) {
			got = append(got, fmt.Sprint(c["id"]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("listed\n%q, want\n%q", got, want)
		}
	})
}

var nextLink = regexp.MustCompile(`^<(/api/v1/clients\?[^>]*)>; rel="next"$`)

// nextAddress returns the address behind a Link header; "" when there is none.
func nextAddress(t *testing.T, res *testkit.Response) string {
	t.Helper()
	link := res.Header.Get("Link")
	if link == "" {
		return ""
	}
	m := nextLink.FindStringSubmatch(link)
	if m == nil {
		t.Fatalf("link %q", link)
	}
	return m[1]
}

func TestPagesVisitEachClientOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		all := []model.Client{}
		for i := range 23 {
			all = append(all, person(i+1, fmt.Sprintf("P %02d", i/5), "Walk")) // five share each name
		}
		k.AddClients(k.Workspace1.ID, all)
		h := k.AuthHeaders(k.User1)
		for limit, pages := range map[int]int{1: 23, 7: 4, 22: 2, 23: 1, 24: 1} {
			seen, address, steps := map[string]int{}, fmt.Sprintf("/clients?q=walk&limit=%d&status=all&include=appointments", limit), 0
			for ; address != "" && steps < 30; steps++ {
				res := k.Ask(http.MethodGet, address, h, nil).Want(k, http.StatusOK)
				for _, c := range res.List(k) {
					seen[fmt.Sprint(c["id"])]++
					if _, there := c["appointment_count"]; !there {
						t.Fatal("the link forgot what was included")
					}
				}
				if total := res.Header.Get("X-Total-Count"); total != "23" {
					t.Errorf("limit %d: total %s on page %d", limit, total, steps+1)
				}
				address = nextAddress(t, res)
			}
			if steps != pages || len(seen) != 23 {
				t.Errorf("limit %d: %d pages with %d clients, want %d with 23", limit, steps, len(seen), pages)
			}
			for id, n := range seen {
				if n != 1 {
					t.Errorf("limit %d: %s was listed %d times", limit, id, n)
				}
			}
		}
	})
}

// While somebody reads page after page, others add clients before and behind
// the cursor and archive the one it stands on.
func TestPagesStayWholeWhileClientsAreAdded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		var all []model.Client
		for i := range 12 {
			all = append(all, person(i+1, fmt.Sprintf("M %02d", i), "Walk"))
		}
		k.AddClients(k.Workspace1.ID, all)
		seen, address := map[string]int{}, "/clients?limit=3&q=walk"
		for n := 20; address != "" && n < 60; n += 2 {
			h := k.CSRFHeaders(k.User1)
			res := k.Ask(http.MethodGet, address, h, nil).Want(k, http.StatusOK)
			page := res.List(k)
			for _, c := range page {
				seen[fmt.Sprint(c["full_name"])]++
			}
			if n < 26 {
				k.AddClients(k.Workspace1.ID, []model.Client{person(n, "A", "Walk"), person(n+1, fmt.Sprintf("Z %d", n), "Walk")})
				k.Ask(http.MethodDelete, fmt.Sprint("/clients/", page[len(page)-1]["id"]), h, nil).Want(k, http.StatusNoContent)
			}
			address = nextAddress(t, res)
		}
		for _, c := range all {
			if n := seen[string(c.FullName())]; n != 1 {
				t.Errorf("%s was listed %d times", string(c.FullName()), n)
			}
		}
		for _, late := range []string{"Z 20 Walk", "Z 22 Walk", "Z 24 Walk"} {
			if seen[late] != 1 {
				t.Errorf("%s, added behind the cursor, was listed %d times", late, seen[late])
			}
		}
		if seen["A Walk"] != 0 {
			t.Error("clients added before the cursor were listed")
		}
	})
}

func TestSearch(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.AddClients(k.Workspace1.ID, searchable())
		for query, want := range map[string]string{
			"john": "1", "OHN": "1", "o'connor": "1", "oconnor": "1", "O’Connor": "1", "connor john": "1", "john o": "1", "jo con": "1", "conjo": "",
			"müller": "2", "muller": "2", "MULLER": "2", "mu\u0308ller": "2", "jose": "2", "josé ": "2", "anne-marie": "3", "anne marie": "3", "marie anne": "3",
			"שלום": "4", "שָׁלוֹם": "4", "כהנ": "4", "כהן": "4", "כה": "4", "שלומ כהן": "4", "כהן שלום": "4", "בן־דוד": "5", "בן דוד": "5", "בן-דוד": "5", "דוד": "5", "צהל": "5", "צה״ל": "5", `צה"ל`: "5",
			"050-123-4567": "4", "0501234567": "4", "050 1234": "4", "050 123": "34", "1234567": "4", "+972501234567": "4", "+972 50-123-4567": "4", "00972501234567": "4", "(050) 123.4567": "4", "٠٥٠١٢٣٤٥٦٧": "4",
			"02-555-0199": "5", "+972 2 555 0199": "5", "025550199": "5", "97225550199": "5", "50": "", "501": "345", "999": "",
			"212 555": "3", "+12125550123": "3", "12125550123": "3",
			"jose@": "2", "muller@example": "2", "EXAMPLE.ORG": "23", "jose.muller@example.org": "2", "amelie": "3", "@": "23", "under_score": "3", "%": "", "_": "3",
			"john müller": "", "zzz": "", "' or 1=1 --": "", "'; drop table clients; --": "", "john%": "1", ".": "23", "": "12345", "   ": "12345", "null": "",
			"anne 212555": "3", "john 212555": "", "john -": "1", "*": "12345", "\\": "12345", "\u200f": "12345",
		} {
			var got strings.Builder
			for _, name := range list(k, "q="+url.QueryEscape(query)) {
				for i, c := range searchable() {
					if string(c.FullName()) == name {
						fmt.Fprint(&got, i+1)
					}
				}
			}
			found := []byte(got.String())
			slices.Sort(found)
			if string(found) != want {
				t.Errorf("%q finds %q, want %q", query, found, want)
			}
		}
	})
}

func searchable() []model.Client {
	all := []model.Client{
		person(1, "John", "O'Connor"), person(2, "José", "Müller"), person(3, "Anne-Marie", "Saint Clair"),
		person(4, "שָׁלוֹם", "כהן"), person(5, "צה״ל", "בן־דוד"),
	}
	all[1].Email, all[2].Email = "Jose.Muller@Example.org", "amelie_under_score@example.org"
	all[2].Phone, all[3].Phone, all[4].Phone = "(212) 555-0123", "050-1234567", "+972-2-5550199"
	return all
}

func TestSearchKnowsEveryChangeAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		if got := list(k, "q=zelda"); len(got) != 0 {
			t.Fatalf("found %q", got)
		}
		path := fmt.Sprint("/clients/", newClient(k, h, obj{"first_name": "Zelda", "last_name": "Quick", "phone": "1112223"})["id"])
		for _, step := range []struct {
			body  obj
			query string
			want  []string
		}{
			{obj{"notes": "x"}, "q=zelda", []string{"Zelda Quick"}},
			{obj{"last_name": "Slow"}, "q=zelda+slow", []string{"Zelda Slow"}},
			{obj{}, "q=quick", []string{}},
			{obj{"phone": "9998887"}, "q=9998887", []string{"Zelda Slow"}},
			{obj{}, "q=1112223", []string{}},
			{obj{"email": "zs@example.com"}, "q=zs%40ex", []string{"Zelda Slow"}},
			{obj{"email": nil}, "q=zs%40ex", []string{}},
		} {
			k.Ask(http.MethodPut, path, h, step.body).Want(k, http.StatusOK)
			if got := list(k, step.query); !slices.Equal(got, step.want) {
				t.Errorf("after %v, %s finds %q", step.body, step.query, got)
			}
		}
		k.Ask(http.MethodDelete, path, h, nil).Want(k, http.StatusNoContent)
		if got := list(k, "q=zelda"); len(got) != 0 {
			t.Errorf("archived, it is still found: %q", got)
		}
		k.Ask(http.MethodPost, path+"/restore", h, nil).Want(k, http.StatusOK)
		if got := list(k, "q=zelda"); len(got) != 1 {
			t.Errorf("restored, it is not found: %q", got)
		}
	})
}

func TestSearchWordsAreNotLogged_ASVS_16_2_5(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		list(k, "q=Zipporah-4711")
		k.Ask(http.MethodGet, "/clients?limit=x&q=Zipporah-4711", k.AuthHeaders(k.User1), nil).Want(k, http.StatusUnprocessableEntity)
		if log := k.Log.String(); strings.Contains(log, "Zipporah") || !strings.Contains(log, "GET /api/v1/clients") {
			t.Errorf("logged %s", log)
		}
	})
}

func TestDuplicatesAreShown(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		twin := person(1, "Dana", "Ben-Dor")
		twin.Phone, twin.Email, twin.DateOfBirth = "050-123-4567", "Dana@Example.com", "1980-12-31"
		land := person(2, "Land", "Line")
		land.Phone = "02-5550199"
		short := person(3, "Short", "Number")
		short.Phone = "12345"
		k.AddClients(k.Workspace1.ID, []model.Client{twin, land, short})
		elsewhere := person(4, "Dana", "Ben-Dor")
		elsewhere.Contact = twin.Contact
		k.AddClients(k.Workspace2.ID, []model.Client{elsewhere})
		one := func(name string, reasons ...string) string { return fmt.Sprint(name, " ", reasons) }
		for _, c := range []struct {
			name string
			body obj
			want []string
		}{
			{"the phone as it is", obj{"phone": "050-123-4567"}, []string{one("Dana Ben-Dor", "phone")}},
			{"without dashes", obj{"phone": "0501234567"}, []string{one("Dana Ben-Dor", "phone")}},
			{"with the country", obj{"phone": "+972 (50) 1234567"}, []string{one("Dana Ben-Dor", "phone")}},
			{"with 00", obj{"phone": "00972501234567"}, []string{one("Dana Ben-Dor", "phone")}},
			{"a landline with the country", obj{"phone": "+972 2-555-0199"}, []string{one("Land Line", "phone")}},
			{"another phone", obj{"phone": "050-123-4568"}, nil},
			{"another network", obj{"phone": "052-123-4567"}, nil},
			{"an extension", obj{"phone": "12345"}, nil},
			{"the e-mail in capitals", obj{"email": "DANA@example.COM"}, []string{one("Dana Ben-Dor", "email")}},
			{"another e-mail", obj{"email": "dan@example.com"}, nil},
			{"name and birth date", obj{"first_name": "dána", "last_name": "BEN DOR", "date_of_birth": "1980-12-31"}, []string{one("Dana Ben-Dor", "name_and_birth_date")}},
			{"name and another birth date", obj{"first_name": "Dana", "last_name": "Ben-Dor", "date_of_birth": "1981-12-31"}, nil},
			{"the name alone", obj{"first_name": "Dana", "last_name": "Ben-Dor"}, nil},
			{"the birth date alone", obj{"first_name": "Noa", "last_name": "Ben-Dor", "date_of_birth": "1980-12-31"}, nil},
			{"all three", obj{"first_name": "Dana", "last_name": "Ben-Dor", "date_of_birth": "1980-12-31", "email": "dana@example.com", "phone": "501234567"}, []string{one("Dana Ben-Dor", "phone", "email", "name_and_birth_date")}},
			{"two people", obj{"phone": "050-1234567", "email": "john.doe@example.com"}, []string{one("Dana Ben-Dor", "phone"), one("John Doe", "email")}},
			{"except the one", obj{"phone": "0501234567", "except": testkit.ID(3, 1).String()}, nil},
			{"except another", obj{"phone": "0501234567", "except": k.Client1.ID.String()}, []string{one("Dana Ben-Dor", "phone")}},
			{"nothing", obj{}, nil},
		} {
			var got []string
			for _, d := range k.Ask(http.MethodPost, "/clients/duplicates", h, c.body).Want(k, http.StatusOK).List(k) {
				got = append(got, fmt.Sprint(d["full_name"], " ", d["reasons"]))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: shown %q, want %q", c.name, got, c.want)
			}
		}
		if got := wrong(k, k.Ask(http.MethodPost, "/clients/duplicates", h, obj{"except": "x"})); !slices.Equal(got, []string{"body.except uuid"}) {
			t.Errorf("a bad id: %q", got)
		}
	})
}

func TestCreateWarnsOfDuplicatesAndStoresAnyway(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.Assistant1)
		at := k.Clock.Now()
		testkit.NoErr(t, k.Store.Write(t.Context(), k.Scope(k.User1), model.ClientArchive, func(tx *store.Tx) error { return tx.SetClientArchived(k.Client1.ID, &at) }))
		body := obj{"first_name": "Johnny", "last_name": "D", "email": "JOHN.doe@example.com", "phone": "+1 (234) 567-890"}
		got := newClient(k, h, body)
		like, _ := got["possible_duplicates"].([]any)
		if len(like) != 1 {
			t.Fatalf("warned of %v, want of the archived client", like)
		}
		same(k, like[0].(obj), obj{"id": k.Client1.ID.String(), "full_name": "John Doe", "reasons": []any{"phone", "email"}})
		again := newClient(k, h, body)
		if like, _ := again["possible_duplicates"].([]any); len(like) != 2 {
			t.Errorf("warned of %v the second time", like)
		}
		trail := k.Audited(k.Workspace1.ID, model.ClientCreate)
		if len(trail) != 2 || trail[0].Subject != got["id"] || trail[1].Subject != again["id"] {
			t.Errorf("the trail says %+v", trail)
		}
		if n := k.DB.Count("select count(*) from clients where workspace_id = $1", k.Workspace1.ID.String()); n != 3 {
			t.Errorf("%d clients are stored, want 3", n)
		}
	})
}

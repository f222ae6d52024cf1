package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

func fullLocation() obj {
	return obj{"name": "חדר 1", "location_type": "clinic", "address": "רחוב הרצל 1\nחיפה", "details": "קומה 2", "exclusive": true}
}

// newLocation creates a location and returns the answer.
func newLocation(k *testkit.Kit, h http.Header, body obj) obj {
	k.T.Helper()
	return k.Ask(http.MethodPost, "/locations", h, body).Want(k, http.StatusCreated).Map(k)
}

func TestLocationEchoesEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		one := newLocation(k, h, fullLocation())
		same(k, one, fullLocation())
		same(k, one, obj{"is_active": true, "version": 1})
		same(k, k.Ask(http.MethodGet, "/locations/"+one["id"].(string), h, nil).Want(k, http.StatusOK).Map(k), one)
		same(k, k.Ask(http.MethodGet, "/locations", h, nil).Want(k, http.StatusOK).List(k)[0], one)
		least := newLocation(k, h, obj{"name": "Zoom", "location_type": "online"})
		same(k, least, obj{"address": nil, "details": nil, "exclusive": false})
		same(k, newLocation(k, h, obj{"name": "Video room", "location_type": "online", "exclusive": true, "address": "https://video.example/1"}), obj{"exclusive": true, "address": "https://video.example/1"})
	})
}

func TestLocationsAreFilteredByType(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, s := k.CSRFHeaders(k.User1), shelves[1]
		for name, kind := range map[string]string{"A": "clinic", "B": "home", "C": "online", "D": "clinic", "E": "clinic"} {
			one := newLocation(k, h, obj{"name": name, "location_type": kind, "address": "1 Main St"})
			if name == "D" {
				k.Ask(http.MethodPut, s.at(one), h, obj{"is_active": false}).Want(k, http.StatusOK)
			}
		}
		for query, want := range map[string]string{
			"": "A B C E", "?location_type=clinic": "A E", "?location_type=home": "B", "?location_type=online": "C",
			"?location_type=clinic&status=all": "A D E", "?location_type=clinic&status=archived": "D", "?location_type=home&status=archived": "",
			"?location_type=clinic&status=all&limit=2": "A D",
		} {
			if got := s.names(k, h, query); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		res := k.Ask(http.MethodGet, "/locations?location_type=clinic&status=all&limit=2", h, nil).Want(k, http.StatusOK)
		link := res.Header.Get("Link")
		if res.Header.Get("X-Total-Count") != "3" || !strings.Contains(link, "location_type=clinic") {
			t.Errorf("a total of %s, then %s", res.Header.Get("X-Total-Count"), link)
		}
		next, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if last := k.Ask(http.MethodGet, next, h, nil).Want(k, http.StatusOK); last.List(k)[0]["name"] != "E" || last.Header.Get("Link") != "" {
			t.Errorf("then %s", last.Body)
		}
		k.Ask(http.MethodGet, "/locations?location_type=park", h, nil).WantCode(k, http.StatusUnprocessableEntity, "invalid")
	})
}

func TestLocationRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		one := newLocation(k, h, fullLocation())
		path := "/locations/" + one["id"].(string)
		for _, c := range []struct {
			field string
			value any
			code  string
		}{
			{"name", " ", "required"}, {"name", nil, "required"}, {"name", strings.Repeat("ש", 256), "too_long"}, {"name", "a\tb", "characters"},
			{"location_type", "park", "choice"}, {"location_type", "Clinic", "choice"}, {"location_type", nil, "choice"}, {"location_type", 1, "type"},
			{"address", nil, "required"}, {"address", " \n ", "required"}, {"address", strings.Repeat("ש", 1001), "too_long"}, {"address", "a\x00", "characters"},
			{"details", strings.Repeat("ש", 2001), "too_long"}, {"details", "\x07", "characters"}, {"details", 1, "type"},
			{"exclusive", "yes", "type"}, {"exclusive", 1, "type"},
		} {
			want := []string{"body." + c.field + " " + c.code}
			body := fullLocation()
			body["name"] = "New"
			body[c.field] = c.value
			if got := wrong(k, k.Ask(http.MethodPost, "/locations", h, body)); !slices.Equal(got, want) {
				t.Errorf("create with %s %.20v: %q, want %q", c.field, c.value, got, want)
			}
			if got := wrong(k, k.Ask(http.MethodPut, path, h, obj{c.field: c.value})); !slices.Equal(got, want) {
				t.Errorf("change of %s to %.20v: %q, want %q", c.field, c.value, got, want)
			}
		}
		if got := wrong(k, k.Ask(http.MethodPut, path, h, obj{"exclusive": nil, "is_active": nil})); !slices.Equal(got, []string{"body.exclusive required", "body.is_active required"}) {
			t.Errorf("two nulls: %q", got)
		}
		same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), one)
	})
}

// The rule of the address is about what the change results in.
func TestLocationAddressIsJudgedAfterTheChange(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		path := "/locations/" + newLocation(k, h, obj{"name": "A", "location_type": "online"})["id"].(string)
		for _, kind := range []string{"clinic", "home"} {
			if got := wrong(k, k.Ask(http.MethodPut, path, h, obj{"location_type": kind})); !slices.Equal(got, []string{"body.address required"}) {
				t.Errorf("%s without address: %q", kind, got)
			}
		}
		for _, step := range []struct{ sent, want obj }{
			{obj{"location_type": "home", "address": "1 Main St"}, obj{"location_type": "home", "address": "1 Main St"}},
			{obj{"location_type": "clinic"}, obj{"location_type": "clinic", "address": "1 Main St"}},
			{obj{"location_type": "online", "address": nil}, obj{"location_type": "online", "address": nil}},
			{obj{"address": "https://video.example"}, obj{"address": "https://video.example"}},
			{obj{"address": nil, "details": "Room 5"}, obj{"address": nil, "details": "Room 5"}},
			{obj{"details": nil, "exclusive": true}, obj{"details": nil, "exclusive": true}},
			{obj{"exclusive": false}, obj{"exclusive": false, "version": 8}},
		} {
			same(k, k.Ask(http.MethodPut, path, h, step.sent).Want(k, http.StatusOK).Map(k), step.want)
			same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), step.want)
		}
	})
}

// A room is named by appointments even when their location is another one by
// now, and the database would not let it go.
func TestLocationUsedAsARoomIsArchived(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, s := k.CSRFHeaders(k.User1), shelves[1]
		one := newLocation(k, h, fullLocation())
		booked := s.use(k, one)
		testkit.NoErr(t, k.DB.Exec("update appointments set room_id = location_id, location_id = null where id = $1", booked.ID.String()))
		k.Ask(http.MethodDelete, s.at(one), h, nil).Want(k, http.StatusNoContent)
		same(k, k.Ask(http.MethodGet, s.at(one), h, nil).Want(k, http.StatusOK).Map(k), obj{"is_active": false})
	})
}

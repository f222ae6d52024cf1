package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

func fullService() obj {
	return obj{
		"name": "עיסוי רקמות עמוק", "description": "60 min\nעם שמן", "default_duration_minutes": 60, "price": 35000,
		"buffer_before_minutes": 5, "buffer_after_minutes": 15,
	}
}

// newService creates a service and returns the answer.
func newService(k *testkit.Kit, h http.Header, body obj) obj {
	k.T.Helper()
	return k.Ask(http.MethodPost, "/services", h, body).Want(k, http.StatusCreated).Map(k)
}

func TestServiceEchoesEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		one := newService(k, h, fullService())
		same(k, one, fullService())
		same(k, one, obj{"currency": "USD", "is_active": true, "version": 1})
		same(k, k.Ask(http.MethodGet, "/services/"+one["id"].(string), h, nil).Want(k, http.StatusOK).Map(k), one)
		same(k, k.Ask(http.MethodGet, "/services", h, nil).Want(k, http.StatusOK).List(k)[0], one)
		row := k.DB.Rows("select duration_minutes, price, currency, buffer_before, buffer_after from services where workspace_id = $1", k.Workspace1.ID.String())
		if !slices.Equal(row[0], []string{"60", "35000", "USD", "5", "15"}) {
			t.Errorf("stored %q", row)
		}
	})
}

func TestServiceWithTheLeast(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		nothing := obj{"description": nil, "price": nil, "currency": nil, "buffer_before_minutes": 0, "buffer_after_minutes": 0}
		same(k, newService(k, h, obj{"name": "A", "default_duration_minutes": 1}), nothing)
		same(k, newService(k, h, obj{"name": " B ", "default_duration_minutes": 1440, "description": "  ", "price": nil}), nothing)
		same(k, newService(k, h, obj{"name": "C", "default_duration_minutes": 5, "price": 0}), obj{"price": 0, "currency": "USD"})
		same(k, newService(k, h, obj{"name": "D", "default_duration_minutes": 5, "price": 100_000_000_000, "buffer_before_minutes": 240, "buffer_after_minutes": 240}), obj{"price": 1e11})
	})
}

var badServices = []struct {
	field string
	value any
	code  string
}{
	{"name", "", "required"},
	{"name", " \u00a0\u200f", "required"},
	{"name", nil, "required"},
	{"name", strings.Repeat("ש", 256), "too_long"},
	{"name", "a\nb", "characters"},
	{"name", "a\x00", "characters"},
	{"name", 7, "type"},
	{"description", strings.Repeat("ש", 2001), "too_long"},
	{"description", "\x00", "characters"},
	{"description", []any{"a"}, "type"},
	{"default_duration_minutes", 0, "range"},
	{"default_duration_minutes", -60, "range"},
	{"default_duration_minutes", 1441, "range"},
	{"default_duration_minutes", nil, "range"},
	{"default_duration_minutes", 59.5, "type"},
	{"default_duration_minutes", 1e300, "type"},
	{"default_duration_minutes", "60", "type"},
	{"price", -1, "range"},
	{"price", 100_000_000_001, "range"},
	{"price", 99.5, "type"},
	{"price", "350.00", "type"},
	{"price", true, "type"},
	{"buffer_before_minutes", -1, "range"},
	{"buffer_before_minutes", 241, "range"},
	{"buffer_before_minutes", 9223372036854775807, "range"},
	{"buffer_after_minutes", -1, "range"},
	{"buffer_after_minutes", 241, "range"},
	{"buffer_after_minutes", obj{}, "type"},
}

func TestServiceRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		one := newService(k, h, fullService())
		path := "/services/" + one["id"].(string)
		for _, c := range badServices {
			want := []string{"body." + c.field + " " + c.code}
			body := fullService()
			body["name"] = "New"
			body[c.field] = c.value
			if got := wrong(k, k.Ask(http.MethodPost, "/services", h, body)); !slices.Equal(got, want) {
				t.Errorf("create with %s %.20v: %q, want %q", c.field, c.value, got, want)
			}
			if got := wrong(k, k.Ask(http.MethodPut, path, h, obj{c.field: c.value})); !slices.Equal(got, want) {
				t.Errorf("change of %s to %.20v: %q, want %q", c.field, c.value, got, want)
			}
		}
		if got := wrong(k, k.Ask(http.MethodPost, "/services", h, obj{"price": -1})); !slices.Equal(got, []string{"body.default_duration_minutes range", "body.name required", "body.price range"}) {
			t.Errorf("all at once: %q", got)
		}
		same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), one)
		if n := k.DB.Count("select count(*) from services"); n != 1 {
			t.Errorf("%d are stored", n)
		}
	})
}

func TestServiceChangesWhatIsSent(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		want := newService(k, h, fullService())
		for _, step := range []struct{ sent, changed obj }{
			{obj{}, obj{}},
			{obj{"name": "  Reiki "}, obj{"name": "Reiki"}},
			{obj{"description": "רך"}, obj{"description": "רך"}},
			{obj{"description": nil}, obj{"description": nil}},
			{obj{"default_duration_minutes": 45}, obj{"default_duration_minutes": 45}},
			{obj{"price": 36000}, obj{"price": 36000}},
			{obj{"price": nil}, obj{"price": nil, "currency": nil}},
			{obj{"price": 0}, obj{"price": 0, "currency": "USD"}},
			{obj{"buffer_before_minutes": nil, "buffer_after_minutes": 20}, obj{"buffer_before_minutes": 0, "buffer_after_minutes": 20}},
			{obj{"is_active": false}, obj{"is_active": false}},
			{obj{"is_active": false, "name": "Old"}, obj{"name": "Old"}},
			{obj{"is_active": true}, obj{"is_active": true}},
		} {
			for n, v := range step.changed {
				want[n] = v
			}
			want["version"] = want["version"].(float64) + 1
			same(k, k.Ask(http.MethodPut, "/services/"+want["id"].(string), h, step.sent).Want(k, http.StatusOK).Map(k), want)
			same(k, k.Ask(http.MethodGet, "/services/"+want["id"].(string), h, nil).Want(k, http.StatusOK).Map(k), want)
		}
	})
}

func TestServicePriceKeepsItsCurrency(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		path := "/services/" + newService(k, h, fullService())["id"].(string)
		k.Ask(http.MethodPut, "/workspace", h, obj{"currency": "ILS"}).Want(k, http.StatusOK)
		for _, step := range []struct {
			sent     obj
			currency any
		}{
			{obj{"name": "Renamed"}, "USD"}, {obj{"price": 35000}, "USD"}, {obj{"price": 35001}, "ILS"}, {obj{"price": nil}, nil}, {obj{"name": "Again"}, nil}, {obj{"price": 35000}, "ILS"},
		} {
			same(k, k.Ask(http.MethodPut, path, h, step.sent).Want(k, http.StatusOK).Map(k), obj{"currency": step.currency})
		}
		same(k, newService(k, h, obj{"name": "New", "default_duration_minutes": 5, "price": 1}), obj{"currency": "ILS"})
	})
}

func TestRefusedServicesAreNotRepeated(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		const secret = "Zipporah-4711"
		for _, body := range []any{
			obj{"name": secret + "\n", "default_duration_minutes": 0}, obj{"name": 1, "description": secret}, obj{secret: 1},
			obj{"name": "A", "default_duration_minutes": secret}, `{"name":"` + secret + `"`,
		} {
			if res := k.Ask(http.MethodPost, "/services", h, body); res.Status < 400 || strings.Contains(string(res.Body), secret) {
				t.Errorf("%v: %d %s", body, res.Status, res.Body)
			}
		}
	})
}

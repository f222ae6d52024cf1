package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// driver sends what a generator makes, as people who are signed in.
type driver struct {
	*testkit.Kit
	*gen
	handler  http.Handler
	people   map[string]model.User
	signedIn map[string]http.Header
	statuses map[int]int
}

func newDriver(k *testkit.Kit, seed uint64) *driver {
	k.T.Helper()
	k.Admin()
	d := &driver{
		Kit: k, handler: k.API.Handler(), signedIn: map[string]http.Header{}, statuses: map[int]int{},
		people: map[string]model.User{
			"owner": k.User1, "assistant": k.Assistant1, "admin": {ID: uuid.MustParse(k.DB.Rows("select user_id from platform_admins")[0][0])},
		},
	}
	d.gen = &gen{rng: rand.New(rand.NewPCG(seed, 1)), doc: k.Contract(), pool: map[string][]string{}, now: k.Clock.Now()}
	for noun, id := range own(k, k.User1) {
		d.keep(noun, id)
	}
	return d
}

func (d *driver) keep(segment, id string) {
	if ids := d.pool[segment]; len(ids) < 40 && !slices.Contains(ids, id) {
		d.pool[segment] = append(ids, id)
	}
}

// header is of somebody who is signed in now: some routes end a session.
func (d *driver) header(who string) http.Header {
	if h := d.signedIn[who]; h != nil {
		if d.send(http.MethodGet, api.Base+"/auth/session", h, nil, "").Status == 200 {
			return h
		}
	}
	d.signedIn[who] = d.CSRFHeaders(d.people[who])
	return d.signedIn[who]
}

func (d *driver) send(method, path string, header http.Header, body []byte, ctype string) *testkit.Response {
	d.T.Helper()
	req := httptest.NewRequestWithContext(d.T.Context(), method, path, strings.NewReader(string(body)))
	maps.Copy(req.Header, header)
	if ctype != "" {
		req.Header.Set("Content-Type", ctype)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, req)
	return &testkit.Response{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
}

// path fills the parameters of an operation; some of its query is left out, and
// some is spoilt.
func (d *driver) path(template string, op fields, spoil bool) string {
	query := url.Values{}
	segment, _, _ := strings.Cut(strings.TrimPrefix(template, api.Base+"/"), "/")
	for _, p := range asList(op["parameters"]) {
		p := p.(fields)
		name, schema := p["name"].(string), d.schema(p["schema"])
		v := fmt.Sprint(d.value(schema, name))
		switch {
		case p["in"] == "path":
			if name == "id" {
				v = d.id(strings.TrimSuffix(segment, "s"))
			}
			if spoil && d.oneIn(6) {
				v = d.text("x", "0", uuid.Nil.String(), "%00", "..%2f")
			} else {
				v = orOther(url.PathEscape(v), "x")
			}
			template = strings.Replace(template, "{"+name+"}", v, 1)
		case p["in"] != "query" || (p["required"] != true && d.oneIn(2)):
		case spoil && d.oneIn(3):
			query.Set(name, fmt.Sprint(d.strange()))
		case v != "<nil>":
			query.Set(name, strings.Trim(v, "[]"))
		}
	}
	if len(query) == 0 {
		return template
	}
	return template + "?" + query.Encode()
}

// body is what the operation reads, spoilt or not.
func (d *driver) body(op fields, spoil bool) (raw []byte, ctype string) {
	read, _ := op["requestBody"].(fields)
	for ctype, media := range asFields(read["content"]) {
		if ctype != "application/json" {
			return []byte(d.text("first_name,last_name\nA,B\n", "first_name\n", "", "\xff\xfe", "a,\"b\n")), ctype
		}
		v := d.value(d.schema(asFields(media)["schema"]), "")
		if spoil {
			v = d.near(v)
		}
		raw, err := json.Marshal(v)
		testkit.NoErr(d.T, err)
		return raw, ctype
	}
	return nil, ""
}

// who uses an address well.
func (d *driver) who(path string) string {
	switch {
	case strings.HasPrefix(path, api.Base+"/platform"):
		return "admin"
	case d.oneIn(10):
		return "assistant"
	}
	return "owner"
}

// use sends one request to an operation and holds the answer against the
// document.
func (d *driver) use(method, template string, op fields) {
	d.T.Helper()
	spoil := d.oneIn(2)
	path := d.path(template, op, spoil)
	body, ctype := d.body(op, spoil)
	res := d.send(method, path, d.header(d.who(template)), body, ctype)
	d.statuses[res.Status/100]++
	what := fmt.Sprintf("%s %.300s\n  %.300s\n  %d %.300s", method, path, body, res.Status, res.Body)
	if res.Status >= 500 {
		d.T.Errorf("%s\n%s", what, lastOf(d.Log.String()))
	}
	if strings.Contains(path, "%") && res.Status == 404 {
		return // it was no address of ours
	}
	for _, fault := range d.doc.Answer(method, path, res) {
		d.T.Errorf("%s\n  is not as documented: %s", what, fault)
	}
	if res.Status/100 == 2 && method == http.MethodPost && strings.HasSuffix(res.Header.Get("Content-Type"), "json") {
		d.remember(template, res)
	}
}

// remember keeps the id of what was made, for later requests.
func (d *driver) remember(template string, res *testkit.Response) {
	var made struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(res.Body, &made) != nil || made.ID == "" {
		return
	}
	segment, _, _ := strings.Cut(strings.TrimPrefix(template, api.Base+"/"), "/")
	d.keep(strings.TrimSuffix(segment, "s"), made.ID)
}

// operations of the document, in an order that is always the same. The stream
// of events has no end that could be waited for.
func (d *driver) operations() (all [][2]string) {
	for path, item := range d.doc.At("paths") {
		for method := range asFields(item) {
			if !strings.HasSuffix(path, "/events") {
				all = append(all, [2]string{strings.ToUpper(method), path})
			}
		}
	}
	slices.SortFunc(all, func(a, b [2]string) int { return strings.Compare(a[1]+a[0], b[1]+b[0]) })
	return all
}

// What our own document allows, what it nearly allows, and what follows from
// what was answered: nothing fails inside, and every answer is as documented.
func TestRequestsMadeFromTheDocument(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := newDriver(k, 20260302)
		all := d.operations()
		for range 20 {
			for _, at := range all {
				d.use(at[0], at[1], d.doc.At("paths", at[1], strings.ToLower(at[0])))
			}
			d.RunJobs()
		}
		if d.statuses[2] < 400 || d.statuses[4] < 400 {
			t.Errorf("answers by class: %v; the generator has lost its meaning", d.statuses)
		}
		t.Logf("%d operations, answers by class: %v", len(all), d.statuses)
	})
}

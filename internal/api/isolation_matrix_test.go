package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// The isolation matrix: every route, asked by every kind of caller, with every
// kind of id. What may be answered follows from the policy file alone; whatever
// is answered is searched for the words of other practices.

// nameWord begins the names of practices, which whoever runs the server may read.
const nameWord = "Qname"

// caller is somebody who asks.
type caller struct {
	name string
	// kind is the role or "admin"; empty: must be treated as nobody.
	kind string
	// home is the number of the practice whose words may be read; 0: none.
	home int
	// header signs in anew.
	header func() http.Header
}

// matrix is the world of the test: three practices, each with a word of its own
// in every text.
type matrix struct {
	*testkit.Kit
	handler http.Handler
	policy  map[string]policy
	words   [3]string // by practice; the third is suspended
	ids     [2]ids    // records of the first two
	admin   model.User
	tried   int
	allowed int
}

func newMatrix(k *testkit.Kit) *matrix {
	k.T.Helper()
	m := &matrix{Kit: k, handler: k.API.Handler(), policy: policies(k.T), words: [3]string{"Qkanonez", "Qkantwoz", "Qkansuspz"}}
	for i, u := range []model.User{k.User1, k.User2} {
		w := newWorld(k, u, m.words[i])
		k.Do(http.MethodPut, "/workspace", w.owner, fields{"name": nameWord + m.words[i][2:]}).Want(k, 200)
		m.ids[i] = w.all()
	}
	k.AddWorkspace(3)
	k.AddUser(31, testkit.ID(0, 3), model.Owner)
	k.AddUser(21, k.Workspace2.ID, model.Practitioner)
	k.AddUser(22, k.Workspace2.ID, model.Assistant)
	k.AddUser(11, k.Workspace1.ID, model.Practitioner)
	k.AddClient(testkit.ID(0, 3), model.Client{Contact: model.Contact{FirstName: model.Text(m.words[2]), LastName: "Test"}})
	k.Admin()
	m.admin.ID = uuid.MustParse(k.DB.Rows("select user_id from platform_admins")[0][0])
	return m
}

// user is a member that newMatrix has made.
func (m *matrix) user(n, workspace int, role model.Role) model.User {
	return model.User{ID: testkit.ID(1, n), WorkspaceID: testkit.ID(0, workspace), Role: role, Email: model.Text(fmt.Sprintf("user-%d@example.com", n)), Active: true}
}

// ended is a sign-in that something has happened to since.
func (m *matrix) ended(u model.User, sql string, args ...any) func() http.Header {
	return func() http.Header {
		h := m.CSRFHeaders(u)
		testkit.NoErr(m.T, m.DB.Exec(sql, args...))
		return h
	}
}

func (m *matrix) callers() []caller {
	long := map[string]string{"sqlite": "1000000", "postgres": "'2001-01-01T00:00:00Z'"}[m.Engine]
	last := map[string]string{"sqlite": "last_seen_at - 1860000000", "postgres": "last_seen_at - interval '31 minutes'"}[m.Engine]
	owner, practitioner, assistant := m.User1, m.Practitioner1, m.Assistant1
	as := func(u model.User) func() http.Header { return func() http.Header { return m.CSRFHeaders(u) } }
	return []caller{
		{name: "nobody", header: func() http.Header { return http.Header{} }},
		{name: "a made-up token", header: func() http.Header { return cookies("access_token=eyJhbGciOiJub25lIn0.e30.; csrf_token=x") }},
		{name: "a changed token", header: func() http.Header { return changed(m.CSRFHeaders(owner)) }},
		{name: "a feed's secret", header: func() http.Header { return cookies("access_token=" + m.ids[0]["feed"]) }},
		{name: "an expired session", header: m.ended(owner, "update auth_sessions set expires_at = "+long+" where user_id = $1", owner.ID.String())},
		{name: "an idle session", header: m.ended(owner, "update auth_sessions set last_seen_at = "+last+" where user_id = $1", owner.ID.String())},
		{name: "a revoked session", header: m.ended(owner, "update auth_sessions set revoked_at = last_seen_at where user_id = $1", owner.ID.String())},
		{name: "a suspended practice's owner", home: 3, header: func() http.Header {
			testkit.NoErr(m.T, m.DB.Exec("update workspaces set status = 'active' where id = $1", testkit.ID(0, 3).String()))
			return m.ended(m.user(31, 3, model.Owner), "update workspaces set status = 'suspended' where id = $1", testkit.ID(0, 3).String())()
		}},
		{name: "a member who left", header: func() http.Header {
			testkit.NoErr(m.T, m.DB.Exec("update members set active = true where user_id = $1", testkit.ID(1, 11).String()))
			return m.ended(m.user(11, 1, model.Practitioner), "update members set active = false where user_id = $1", testkit.ID(1, 11).String())()
		}},
		{name: "another practice's owner", kind: "owner", home: 2, header: as(m.User2)},
		{name: "another practice's practitioner", kind: "practitioner", home: 2, header: as(m.user(21, 2, model.Practitioner))},
		{name: "another practice's assistant", kind: "assistant", home: 2, header: as(m.user(22, 2, model.Assistant))},
		{name: "whoever runs the server", kind: "admin", header: m.adminHeader()},
		{name: "the own assistant", kind: "assistant", home: 1, header: as(assistant)},
		{name: "the own practitioner", kind: "practitioner", home: 1, header: as(practitioner)},
		{name: "the own owner", kind: "owner", home: 1, header: as(owner)},
	}
}

// adminHeader signs whoever runs the server in again only where he is no more:
// he has a second factor, whose tries are limited.
func (m *matrix) adminHeader() func() http.Header {
	var last http.Header
	return func() http.Header {
		if last == nil || m.ask(http.MethodGet, api.Base+"/auth/session", last, nil, "").Status != 200 {
			last = m.CSRFHeaders(m.admin)
		}
		return last
	}
}

func cookies(line string) http.Header { return http.Header{"Cookie": {line}} }

// changed has another letter in the middle of the token's signature.
func changed(h http.Header) http.Header {
	line := h.Get("Cookie")
	token, rest, _ := strings.Cut(line, ";")
	at := len(token) - 10
	letter := "A"
	if token[at] == 'A' {
		letter = "B"
	}
	h.Set("Cookie", token[:at]+letter+token[at+1:]+";"+rest)
	return h
}

// kindsOfIDs are the ids that a path is filled with, seen from the practice that
// asks: its own records, those of the other, and what is none.
func (m *matrix) kindsOfIDs(c caller) map[string]func(noun string) string {
	mine, theirs := m.ids[0], m.ids[1]
	if c.home == 2 {
		mine, theirs = m.ids[1], m.ids[0]
	}
	practice := testkit.ID(0, 3-max(c.home, 1)).String()
	if c.kind == "admin" {
		practice = testkit.ID(0, 3).String()
	}
	random := uuid.NewString()
	return map[string]func(string) string{
		"own":            func(noun string) string { return mine[noun] },
		"foreign":        func(noun string) string { return theirs[noun] },
		"foreign, upper": func(noun string) string { return strings.ToUpper(theirs[noun]) },
		"foreign, URN":   func(noun string) string { return "urn:uuid:" + theirs[noun] },
		"foreign, dots":  func(noun string) string { return "x%2f..%2f" + theirs[noun] },
		"missing":        func(string) string { return random },
		"malformed":      func(string) string { return "%27or%201=1--" },
		"nil":            func(string) string { return uuid.Nil.String() },
		"other table's":  func(noun string) string { return mine[otherNoun(noun)] },
		"practice's":     func(string) string { return practice },
		"deleted":        func(noun string) string { return orOther(mine["deleted_"+noun], mine[noun]) },
		"space":          func(noun string) string { return theirs[noun] + "%20" },
	}
}

func otherNoun(noun string) string {
	if strings.HasSuffix(noun, "client") {
		return "service"
	}
	return "client"
}

func orOther(id, other string) string {
	if id == "" {
		return other
	}
	return id
}

// owned are the kinds of ids that may lead to a record of one's own.
var owned = []string{"own", "deleted", "none"}

// mayLead says whether an id of that kind may lead to a record.
func mayLead(c caller, kind string) bool {
	return slices.Contains(owned, kind) || c.kind == "admin" && kind == "practice's"
}

// ask sends a request straight to the handler.
func (m *matrix) ask(method, path string, header http.Header, body any, ctype string) *testkit.Response {
	m.T.Helper()
	raw, isText := body.(string)
	if !isText && body != nil {
		text, err := json.Marshal(body)
		testkit.NoErr(m.T, err)
		raw = string(text)
	}
	req := httptest.NewRequestWithContext(m.T.Context(), method, path, strings.NewReader(raw))
	for n, v := range header {
		req.Header[n] = v
	}
	if body != nil {
		req.Header.Set("Content-Type", orOther(ctype, "application/json"))
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, req)
	m.tried++
	return &testkit.Response{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
}

// use asks a route as a caller, with ids of one kind. A body is always sent
// where one is read, since its form is judged first.
func (m *matrix) use(r api.Route, c caller, header http.Header, kind string, id func(noun string) string) {
	m.T.Helper()
	row, mine := rowOf(r), m.ids[max(0, min(c.home, 2)-1)]
	path := parameter.ReplaceAllStringFunc(r.Path, func(p string) string {
		return orOther(id(nounOf(r, strings.Trim(p, "{}"))), uuid.NewString())
	})
	body := row.body
	if callersOf(r) == "public" {
		body = publicBodies[name(r)]
	}
	if body == nil && m.Contract().At("paths", r.Path, strings.ToLower(r.Method), "requestBody") != nil {
		body = fields{}
	}
	res := m.ask(r.Method, path+search(m.Kit, row, mine), header, resolve(m.Kit, body, mine), row.ctype)
	m.judge(r, c, kind, res)
	m.searchAnswer(r, c, kind, res)
}

// judge compares the status with what the policy file says.
func (m *matrix) judge(r api.Route, c caller, kind string, res *testkit.Response) {
	m.T.Helper()
	p, known := m.policy[name(r)]
	good, what := res.Status/100 == 2, fmt.Sprintf("%s by %s with an id that is %s: %d %.200s", name(r), c.name, kind, res.Status, res.Body)
	switch {
	case !known:
		m.T.Errorf("%s has no line in %s", name(r), policyFile)
	case res.Status >= 500:
		m.T.Errorf("%s\n%s", what, lastOf(m.Log.String()))
	case p.callers == "public":
	case c.kind == "":
		if res.Status != 401 && (res.Status != 404 || kind != "foreign, dots") {
			m.T.Error(what)
		}
	case !p.may(c.kind):
		if good || kind == "own" && res.Status != 403 {
			m.T.Error(what)
		}
	case good && !mayLead(c, kind):
		m.T.Error(what)
	case good:
		m.allowed++
	}
}

// searchAnswer looks for the words of practices that are not the caller's.
func (m *matrix) searchAnswer(r api.Route, c caller, kind string, res *testkit.Response) {
	m.T.Helper()
	var all bytes.Buffer
	all.Write(res.Body)
	_ = res.Header.Write(&all) // a buffer takes all
	text := strings.ToLower(all.String())
	for i, word := range m.words {
		called := strings.ToLower(nameWord + word[2:])
		if c.home != i+1 && (strings.Contains(text, strings.ToLower(word)) || c.kind != "admin" && strings.Contains(text, called)) {
			m.T.Errorf("%s by %s with an id that is %s answers words of practice %d: %s", name(r), c.name, kind, i+1, all.Bytes())
		}
	}
}

func TestIsolationMatrix_ASVS_8_2_2_ASVS_8_3_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := newMatrix(k)
		all := m.callers()
		own := slices.IndexFunc(all, func(c caller) bool { return c.home == 1 && c.kind != "" })
		m.walk(all[:own])
		before := k.Snapshot(k.Workspace2.ID)
		m.walk(all[own:])
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Error("the people of the first practice have changed the second")
		}
		k.RunJobs()
		m.searchTheRest()
		if m.tried < 5000 || m.allowed < 150 {
			t.Errorf("%d requests, %d of them well: the matrix has lost its meaning", m.tried, m.allowed)
		}
		t.Logf("%d requests by %d kinds of callers", m.tried, len(all))
	})
}

// walk lets the callers use every route.
func (m *matrix) walk(callers []caller) {
	m.T.Helper()
	for _, c := range callers {
		for _, r := range m.inOrder() {
			header := c.header()
			if !strings.Contains(r.Path, "{") {
				m.use(r, c, header, "none", nil)
			} else {
				for kind, id := range m.kindsOfIDs(c) {
					m.use(r, c, header, kind, id)
				}
			}
		}
	}
}

// inOrder are all routes; those that only a proved factor opens come before
// those that take it away.
func (m *matrix) inOrder() []api.Route {
	all := slices.Clone(m.API.Routes())
	slices.SortStableFunc(all, func(a, b api.Route) int { return rank(a) - rank(b) })
	return all
}

func rank(r api.Route) int {
	if r.Admin {
		return 0
	}
	return 1
}

// searchTheRest looks for words in what is no answer: the log and the mails.
func (m *matrix) searchTheRest() {
	m.T.Helper()
	wantNoneOf(m.T, "the log", []byte(m.Log.String()), m.words[:])
	for _, mail := range m.Outbox.Sent() {
		wantNoneOf(m.T, "a mail", fmt.Append(nil, mail), m.words[2:])
	}
}

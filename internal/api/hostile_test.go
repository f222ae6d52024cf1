package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// marker is in every hostile value; no answer and no log line may hold it.
const marker = "Zzmarker"

// quiet fails the test when an answer echoes the marker or is no refusal that
// the document names.
func quiet(k *testkit.Kit, method, path string, res *testkit.Response) {
	k.T.Helper()
	k.Declared(method, path, res.Status)
	if res.Status >= 500 {
		k.T.Errorf("%s %.120s: %d %s\n%s", method, path, res.Status, res.Body, lastOf(k.Log.String()))
	}
	text := string(res.Body)
	for n, v := range res.Header {
		text += n + strings.Join(v, " ")
	}
	if strings.Contains(strings.ToLower(text), strings.ToLower(marker)) {
		k.T.Errorf("%s %.60s: the answer echoes: %s", method, path, text)
	}
}

// lastOf are the last lines of a log.
func lastOf(log string) string {
	lines := strings.Split(log, "\n")
	return strings.Join(lines[max(0, len(lines)-4):], "\n")
}

func nested(levels int) string {
	return `{"first_name":` + strings.Repeat("[", levels-1) + `"` + marker + `"` + strings.Repeat("]", levels-1) + `}`
}

// hostileBodies are bodies of a client, and how they are refused.
var hostileBodies = map[string]struct{ body, want string }{
	"cut":                  {`{"first_name":"Zzmarker"`, "400 malformed"},
	"comma at the end":     {`{"first_name":"Zzmarker","last_name":"b",}`, "400 malformed"},
	"single quotes":        {`{'first_name':'Zzmarker'}`, "400 malformed"},
	"comment":              {`{"first_name":"Zzmarker"/* */}`, "400 malformed"},
	"not a number":         {`{"first_name":NaN}`, "400 malformed"},
	"number as 01":         {`{"first_name":01}`, "422 first_name:type"},
	"two values":           {`{"first_name":"Zzmarker"} {"first_name":"Zzmarker"}`, "400 malformed"},
	"empty":                {"", "400 malformed"},
	"space":                {" \n\t", "400 malformed"},
	"byte order mark":      {"\ufeff" + `{"first_name":"Zzmarker"}`, "400 malformed"},
	"UTF-16":               {"\xff\xfe{\x00}\x00", "400 malformed"},
	"gzip":                 {"\x1f\x8b\x08\x00\x00", "400 malformed"},
	"form":                 {"first_name=Zzmarker", "400 malformed"},
	"raw NUL":              {"{\"first_name\":\"Zzmarker\x00\",\"last_name\":\"b\"}", "400 malformed"},
	"raw line break":       {"{\"first_name\":\"Zzmarker\n\",\"last_name\":\"b\"}", "400 malformed"},
	"broken UTF-8":         {"{\"first_name\":\"Zzmarker\xff\",\"last_name\":\"b\"}", "400 malformed"},
	"overlong UTF-8":       {"{\"first_name\":\"Zzmarker\xc0\xaf\",\"last_name\":\"b\"}", "400 malformed"},
	"surrogate in UTF-8":   {"{\"first_name\":\"Zzmarker\xed\xa0\x80\",\"last_name\":\"b\"}", "400 malformed"},
	"broken UTF-8 in name": {"{\"Zzmarker\xff\":1}", "400 malformed"},
	"lone surrogate":       {`{"first_name":"Zzmarker\ud800","last_name":"b"}`, "400 malformed"},
	"lone low surrogate":   {`{"first_name":"\udc00Zzmarker","last_name":"b"}`, "400 malformed"},
	"swapped surrogates":   {`{"first_name":"\udc00\ud800Zzmarker","last_name":"b"}`, "400 malformed"},
	"bad escape":           {`{"first_name":"\xZzmarker","last_name":"b"}`, "400 malformed"},
	"name twice":           {`{"first_name":"Zzmarker","first_name":"Zzmarker"}`, "400 duplicate_field"},
	"name twice, escaped":  {`{"first_name":"Zzmarker","first\u005fname":"Zzmarker"}`, "400 duplicate_field"},
	"too deep":             {nested(33), "400 too_deep"},
	"far too deep":         {nested(100_000), "400 too_deep"},
	"deep and cut":         {strings.Repeat(`{"a":`, 5000), "400 too_deep"},
	"as deep as allowed":   {nested(32), "422 first_name:type"},
	"brackets in text":     {`{"first_name":"Zzmarker` + strings.Repeat("[{", 500) + `"}`, "422 first_name:too_long last_name:required"},
	"escaped quote":        {`{"first_name":"\"` + strings.Repeat("[", 100) + `","last_name":"Zzmarker\u0000"}`, "422 last_name:characters"},
	"array":                {`["Zzmarker"]`, "422 "},
	"text":                 {`"Zzmarker"`, "422 "},
	"number":               {`1e400`, "422 "},
	"true":                 {`true`, "422 "},
	"null":                 {`null`, "422 "},
	"null with space":      {" null\n", "422 "},
	"unknown name":         {`{"Zzmarker":"Zzmarker"}`, "422 unknown:unknown_field"},
	"name in capitals":     {`{"First_Name":"Zzmarker"}`, "422 unknown:unknown_field"},
	"prototype":            {`{"__proto__":{"Zzmarker":1}}`, "422 unknown:unknown_field"},
	"version to create":    {`{"first_name":"a","last_name":"b","is_active":false}`, "422 unknown:unknown_field"},
	"escaped NUL":          {`{"first_name":"Zzmarker\u0000","last_name":"b"}`, "422 first_name:characters"},
	"control character":    {`{"first_name":"Zzmarker\u0007","last_name":"b"}`, "422 first_name:characters"},
	"line break in name":   {`{"first_name":"Zz\nmarker","last_name":"b"}`, "422 first_name:characters"},
	"control characters":   {`{"first_name":"Zzmarker\u001b","last_name":"a\u0007b"}`, "422 first_name:characters last_name:characters"},
	"10,000 characters":    {`{"first_name":"` + strings.Repeat(marker, 1250) + `","last_name":"b"}`, "422 first_name:too_long"},
	"256 characters":       {`{"first_name":"` + strings.Repeat("\u05d0", 256) + `","last_name":"b"}`, "422 first_name:too_long"},
	"spaces":               {`{"first_name":"  ","last_name":"\u00a0\u2003\t"}`, "422 first_name:required last_name:required"},
	"empty names":          {`{"first_name":"","last_name":""}`, "422 first_name:required last_name:required"},
	"no fields":            {`{}`, "422 first_name:required last_name:required"},
	"null names":           {`{"first_name":null,"last_name":null}`, "422 first_name:required last_name:required"},
	"31 tags":              {`{"first_name":"a","last_name":"b","tags":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","25","26","27","28","29","30","Zzmarker"]}`, "422 tags:too_many"},
	"tag in a tag":         {`{"first_name":"a","last_name":"b","tags":[["Zzmarker"]]}`, "422 tags:type"},
	"date with a time":     {`{"first_name":"a","last_name":"b","date_of_birth":"1980-01-01T00:00:00Z"}`, "422 date_of_birth:date"},
	"no such day":          {`{"first_name":"a","last_name":"b","date_of_birth":"2023-02-29"}`, "422 date_of_birth:date"},
}

// outline is the status, and the code or the wrong fields.
func outline(k *testkit.Kit, res *testkit.Response) string {
	k.T.Helper()
	m := res.Map(k)
	if res.Status != 422 {
		return fmt.Sprint(res.Status, " ", m["code"])
	}
	var wrong []string
	for _, e := range asList(m["errors"]) {
		wrong = append(wrong, fmt.Sprint(strings.TrimPrefix(e.(fields)["location"].(string), "body."), ":", e.(fields)["code"]))
	}
	slices.Sort(wrong)
	return "422 " + strings.Join(slices.Compact(wrong), " ")
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func TestHostileBodies_ASVS_1_5_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		change := "/clients/" + k.Client1.ID.String()
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for what, c := range hostileBodies {
			res := k.Do(http.MethodPost, "/clients", header, c.body)
			quiet(k, http.MethodPost, "/clients", res)
			if got := outline(k, res); got != c.want {
				t.Errorf("%s: %s, want %s", what, got, c.want)
			}
			if strings.Contains(c.want, "required") || c.body == "{}" {
				continue // a change needs no field
			}
			res = k.Do(http.MethodPut, change, header, c.body)
			quiet(k, http.MethodPut, change, res)
			if got := outline(k, res); got != c.want {
				t.Errorf("change, %s: %s, want %s", what, got, c.want)
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("a refused body changed something")
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker})
	})
}

// hostileValues are values that no field of any body takes. Those of the JSON
// type that a field has are judged by its rule.
func hostileValues(jsonType string) (all []any) {
	for of, v := range map[string]any{"string": marker + "\x00", "number": 1.5, "boolean": true, "object": fields{marker: marker}} {
		if of != jsonType || of == "string" {
			all = append(all, v)
		}
	}
	return append(all, strings.Repeat(marker, 3000), []any{fields{marker: 1}}, []any{[]any{marker}})
}

// lookUps take any text that could be in a record: what nobody has is not found.
var lookUps = []string{"POST /clients/duplicates", "POST /sessions/search"}

func TestNoFieldOfAnyBodyIsEchoed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w, c := newWorld(k, k.User1, "Own"), k.Contract()
		tried := 0
		for _, r := range members(k) {
			mine := w.fresh(r)
			good := resolve(k, calls[name(r)].body, mine)
			before := k.SnapshotWithoutTrail(k.Workspace1.ID)
			for field, v := range properties(c, r) {
				of := fmt.Sprint(v.(fields)["type"])
				for _, value := range hostileValues(strings.Trim(strings.Fields(of + " ")[0], "[]")) {
					body := fields{field: value}
					for n, v := range asFields(good) {
						if n != field {
							body[n] = v
						}
					}
					tried++
					res := send(k, r, mine, w.member, body)
					quiet(k, r.Method, fill(r, mine), res)
					text, _ := value.(string)
					found := text != "" && !strings.Contains(text, "\x00") && res.Status == 200 && slices.Contains(lookUps, name(r))
					if res.Status != 422 && !found {
						t.Errorf("%s with %s %.40v: %d %s", name(r), field, value, res.Status, res.Body)
					}
				}
			}
			if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
				t.Errorf("%s: a refused body changed something", name(r))
			}
		}
		if tried < 300 {
			t.Errorf("only %d bodies were tried", tried)
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker})
	})
}

func TestNoQueryIsEchoed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w, c := newWorld(k, k.User1, "Own"), k.Contract()
		for _, r := range members(k) {
			mine := w.fresh(r)
			path, row, header := fill(r, mine), calls[name(r)], w.member.Clone()
			body, good := resolve(k, row.body, mine), search(k, row, mine)
			if row.ctype != "" {
				header.Set("Content-Type", row.ctype)
			}
			for _, p := range asList(c.At("paths", r.Path, strings.ToLower(r.Method))["parameters"]) {
				p := p.(fields)
				if p["in"] != "query" {
					continue
				}
				for _, value := range []string{
					marker, marker + "%00", strings.Repeat(marker, 600), "%ff" + marker, "%27or%201=1--" + marker, "-1", "1e400", "9223372036854775808", "{" + marker + "}", "",
					"0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "-999999-01-01", "2026-02-30", "2026-01-01T00:00:00%2B99:00",
				} {
					query := "?" + p["name"].(string) + "=" + value + strings.Replace(good, "?", "&", 1)
					res := k.Do(r.Method, path+query, header, body)
					quiet(k, r.Method, path+query, res)
					if res.Status/100 != 2 && !slices.Contains([]int{404, 409, 422}, res.Status) {
						t.Errorf("%s%.80s: %d %s", name(r), query, res.Status, res.Body)
					}
				}
			}
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker})
	})
}

// textFields are the fields of a client that hold one text.
var textFields = []string{
	"first_name", "last_name", "email", "phone", "date_of_birth", "address", "medical_history", "emergency_contact_name",
	"emergency_contact_phone", "notes",
}

func TestNoFieldIsEchoed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		change := "/clients/" + k.Client1.ID.String()
		for _, field := range append(textFields, "tags") {
			for _, value := range []any{
				marker + "\x00", strings.Repeat(marker, 2000), 1.5, true, fields{marker: marker}, []any{fields{marker: 1}}, []any{marker + "\x00"},
				[]any{strings.Repeat(marker, 10)}, []any{1},
			} {
				if _, isText := value.(string); isText && field == "tags" {
					continue
				}
				body := fields{"first_name": "a", "last_name": "b"}
				body[field] = value
				for _, to := range []struct{ method, path string }{{http.MethodPost, "/clients"}, {http.MethodPut, change}} {
					res := k.Do(to.method, to.path, header, body)
					quiet(k, to.method, to.path, res)
					if res.Status != 422 || !strings.Contains(string(res.Body), `"location":"body.`+field+`"`) {
						t.Errorf("%s %s %.30v: %d %s", to.method, field, value, res.Status, res.Body)
					}
				}
			}
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker})
	})
}

func TestHostileNumbers_ASVS_1_4_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		path := "/clients/" + k.Client1.ID.String()
		for number, want := range map[string]string{
			"1e400": "422 version:type", "99999999999999999999": "422 version:type", "9223372036854775808": "422 version:type",
			"1.5": "422 version:type", `"1"`: "422 version:type", "-1": "409 stale", "9223372036854775807": "409 stale", "[1]": "422 version:type",
			strings.Repeat("9", 100_000): "422 version:type", "1" + strings.Repeat("0", 400) + "e-400": "422 version:type",
		} {
			res := k.Do(http.MethodPut, path, header, `{"version":`+number+`}`)
			quiet(k, http.MethodPut, path, res)
			if got := outline(k, res); got != want {
				t.Errorf("%.30s: %s, want %s", number, got, want)
			}
		}
		for _, match := range []string{marker, `"` + marker + `"`, "-1", "0", "1.5", `W/"1"`, "99999999999999999999", strings.Repeat("1", 41)} {
			h := header.Clone()
			h.Set("If-Match", match)
			res := k.Do(http.MethodPut, path, h, fields{"notes": "x"})
			quiet(k, http.MethodPut, path, res)
			res.Want(k, 422)
		}
		if v := k.Get(path, header).Map(k)["version"]; v != 1.0 {
			t.Fatalf("version %v", v)
		}
	})
}

// hostileIDs are no ids, however they are looked at.
var hostileIDs = []string{
	marker, "1", "-1", "0", "null", "00000000-0000-0000-0000-000000000000", "20000000-0000-0000-0000-00000000000g", "20000000-0000-0000-0000-0000000000010",
	"%27%20or%201=1--", "%00", "%2e%2e", "..%2f..", "%ff", "%d7%90", "%7Bid%7D", "{id}", "*", "%25", "a%20b", strings.Repeat(marker, 500),
	"20000000-0000-0000-0000-000000000001%00", "%2020000000-0000-0000-0000-000000000001", "2" + strings.Repeat("0", 35),
}

func TestHostileIDsInPaths_ASVS_1_1_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		for _, r := range members(k) {
			nouns := pathNouns(r)
			if len(nouns) == 0 {
				continue
			}
			mine := w.fresh(r)
			body := resolve(k, calls[name(r)].body, mine)
			before := k.SnapshotWithoutTrail(k.Workspace1.ID)
			for _, noun := range nouns {
				for _, id := range hostileIDs {
					path := fill(r, mine.but(noun, id))
					res := k.Do(r.Method, path, w.member, body)
					quiet(k, r.Method, path, res)
					if res.Status != 404 && res.Status != 422 {
						t.Errorf("%s %.60s: %d %s", r.Method, path, res.Status, res.Body)
					}
				}
			}
			if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
				t.Errorf("%s changed something", name(r))
			}
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker, "or 1=1"})
	})
}

func TestHostileAddresses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		for _, path := range []string{
			"/api/v1//clients/" + marker, "/api/v1/./" + marker, "/api/v1/../" + marker, "/api//" + marker, "/api?" + marker, "/api/v1/" + marker, "/api/v1/clients/" + marker + "/",
			"/api/v2/" + marker, "/api/v1/clients/%2e%2e/" + marker, "/api/v1/setup/" + marker, "/api/v1/Clients?" + marker,
		} {
			for _, method := range []string{"GET", "POST", "OPTIONS", marker} {
				res := k.Do(method, path, header, nil)
				quiet(k, method, path, res)
				res.WantCode(k, 404, "not_found")
			}
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker, "or 1=1"})
	})
}

func TestHostileQueries_ASVS_15_3_7(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.AuthHeaders(k.User1)
		for query, want := range map[string]int{
			"limit=0": 422, "limit=101": 422, "limit=-1": 422, "limit=2147483648": 422, "limit=9223372036854775808": 422, "limit=340282366920938463463374607431768211456": 422,
			"limit=999999": 422, "limit=" + marker: 422, "limit=1.5": 422, "limit=1e1": 422, "limit=0x10": 422, "limit=%00": 422, "limit=1&limit=" + marker: 200,
			"status=" + marker: 422, "include=" + marker: 422, "include=appointments," + marker: 422, "cursor=" + marker: 422, "cursor=" + strings.Repeat("a", 65): 422,
			"cursor=00000000-0000-0000-0000-000000000000": 422, "q=" + strings.Repeat(marker, 26): 422, "q=" + marker: 200, "q=%00" + marker: 200, "q=%ff" + marker: 200,
			"q=%27%3B%20drop%20table%20clients%3B--": 200, "q=%25": 200, "q=_": 200, "q=" + strings.Repeat("%20", 200): 200, "q=%e2%80%ae" + marker: 200,
			"q=%zz" + marker: 200, marker + "=" + marker: 200, "q=a;status=" + marker: 200, strings.Repeat("a=b&", 2000): 200, "=" + marker: 200, "limit=": 200, "q[]=" + marker: 200,
		} {
			res := k.Get("/clients?"+query, header)
			quiet(k, http.MethodGet, "/clients", res)
			if res.Status != want {
				t.Errorf("%.60s: %d, want %d: %s", query, res.Status, want, res.Body)
			}
		}
		if n := k.DB.Count("select count(*) from clients"); n != 2 {
			t.Fatalf("%d clients are left", n)
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker, "drop table"})
	})
}

func TestHostileHeaders(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		good := k.CSRFHeaders(k.User1)
		for what, c := range map[string]struct {
			header http.Header
			want   int
		}{
			"long key":        {http.Header{"Idempotency-Key": {strings.Repeat(marker, 26)}}, 422},
			"key not ASCII":   {http.Header{"Idempotency-Key": {"\u05d0\xff"}}, 201},
			"accepts XML":     {http.Header{"Accept": {"application/xml, " + marker}}, 201},
			"accepts nothing": {http.Header{"Accept": {"*/*;q=0"}}, 201},
			"other language":  {http.Header{"Accept-Language": {strings.Repeat("he;q=0.1,", 1000)}}, 201},
			"method override": {http.Header{"X-Http-Method-Override": {"DELETE"}, "X-Method-Override": {"DELETE"}}, 201},
			"rewritten path":  {http.Header{"X-Original-Url": {"/healthz"}, "X-Rewrite-Url": {"/healthz"}}, 201},
			"own request id":  {http.Header{"X-Request-Id": {marker}}, 201},
			"range":           {http.Header{"Range": {"bytes=0-1"}, "If-None-Match": {"*"}}, 201},
			"gzip claimed":    {http.Header{"Content-Encoding": {"gzip"}}, 201},
			"browser's name":  {http.Header{"User-Agent": {marker + strings.Repeat("\xff", 5000)}}, 201},
		} {
			h := good.Clone()
			for n, v := range c.header {
				h[n] = v
			}
			res := k.Do(http.MethodPost, "/clients", h, fields{"first_name": "a", "last_name": "b"})
			quiet(k, http.MethodPost, "/clients", res)
			if res.Status != c.want {
				t.Errorf("%s: %d, want %d: %s", what, res.Status, c.want, res.Body)
			}
		}
		if n := k.DB.Count("select count(*) from clients where archived_at is not null"); n != 0 {
			t.Error("a header changed the method")
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker})
	})
}

func TestContentTypes_ASVS_4_1_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for ctype, want := range map[string]int{
			"application/json": 201, "APPLICATION/JSON": 201, "application/json; charset=utf-8": 201, `application/json;charset="UTF-8"`: 201,
			" application/json ; odata=verbose": 201, "application/json; charset=": 415,
			"application/json; charset=iso-8859-1": 415, "application/json; charset=utf-16": 415, "application/json; charset=utf-8; charset=utf-16": 415,
			"application/" + marker: 415, "text/json": 415, "application/jsonp": 415, "application/json, text/plain": 415, "application/merge-patch+json": 415,
			"application/*": 415, "*/*": 415, ";": 415, "application/json\u05d0": 415, "multipart/form-data": 415, strings.Repeat("a", 10_000): 415,
		} {
			h := k.CSRFHeaders(k.User1)
			h.Set("Content-Type", ctype)
			res := k.Do(http.MethodPost, "/clients", h, fields{"first_name": "a", "last_name": "b"})
			quiet(k, http.MethodPost, "/clients", res)
			if res.Status != want {
				t.Errorf("%.60s: %d, want %d: %s", ctype, res.Status, want, res.Body)
			}
		}
	})
}

// What is unusual but right must be kept as it is.
func TestUnusualTextIsKept_ASVS_1_2_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		for _, text := range []string{
			"<script>alert(1)</script>", "O'Brien; drop table clients;--", `"quoted" \ and / %00 \u0000`, "\u05e9\u05dc\u05d5\u05dd", "\U0001f469\u200d\u2695\ufe0f",
			"=cmd|' /C calc'!A0", "a\u200fb", "{{template}}", strings.Repeat("\u05d0", 255), "null", "{\"a\":[[[[[",
		} {
			made := k.Do(http.MethodPost, "/clients", header, fields{"first_name": text, "last_name": "b", "notes": text + "\r\n\t" + text}).Want(k, 201).Map(k)
			got := k.Get("/clients/"+made["id"].(string), header).Want(k, 200).Map(k)
			if got["first_name"] != text || got["notes"] != text+"\r\n\t"+text {
				t.Errorf("%q became %q and %q", text, got["first_name"], got["notes"])
			}
		}
		if k.Get("/clients/"+k.Client1.ID.String(), header).Status != 200 || model.MaxName != 255 {
			t.Error("the clients are gone, or the limit has changed")
		}
	})
}

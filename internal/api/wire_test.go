package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

// wire writes the head of a request by hand.
func wire(k *testkit.Kit, line string, header http.Header, more ...string) string {
	var b strings.Builder
	b.WriteString(line + " HTTP/1.1\r\nHost: " + strings.TrimPrefix(k.Server.URL, "http://") + "\r\n")
	for n, values := range header {
		for _, v := range values {
			b.WriteString(n + ": " + v + "\r\n")
		}
	}
	for _, m := range more {
		b.WriteString(m + "\r\n")
	}
	return b.String() + "\r\n"
}

const jsonType = "Content-Type: application/json"

func chunk(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }

func TestHostileLengths_ASVS_4_2_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		const body = `{"first_name":"Zzmarker","last_name":"b"}`
		long := `{"first_name":"` + strings.Repeat("x", 600<<10) + `","last_name":"b"}`
		head := func(more ...string) string { return wire(k, "POST /api/v1/clients", header, more...) }
		chunked := head(jsonType, "Transfer-Encoding: chunked")
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for what, c := range map[string]struct{ request, want string }{
			"chunked, over the limit":   {chunked + chunk(long) + chunk(""), "413 too_large"},
			"many chunks":               {chunked + strings.Repeat(chunk(strings.Repeat(" ", 8<<10)), 80) + chunk(""), "413 too_large"},
			"over the limit":            {head(jsonType, fmt.Sprint("Content-Length: ", len(long))) + long, "413 too_large"},
			"claims a gigabyte":         {head(jsonType, "Content-Length: 1073741824") + body, "413 too_large"},
			"claims one byte too many":  {head(jsonType, "Content-Length: 524289"), "413 too_large"},
			"longer than sent":          {head(jsonType, fmt.Sprint("Content-Length: ", len(body)+1)) + body, "400 body_cut"},
			"as long as allowed, empty": {head(jsonType, "Content-Length: 524288"), "400 body_cut"},
			"shorter than sent":         {head(jsonType, fmt.Sprint("Content-Length: ", len(body)-1)) + body, "400 malformed"},
			"none":                      {head(jsonType) + body, "400 malformed"},
			"chunk cut":                 {chunked + "ff\r\n" + body, "400 body_cut"},
			"last chunk missing":        {chunked + chunk(body), "400 body_cut"},
			"bad chunk size":            {chunked + "Zzmarker\r\n" + body, "400 body_cut"},
			"no content type":           {head(fmt.Sprint("Content-Length: ", len(body))) + body, "415 content_type"},
			"two content types":         {head(jsonType+", text/plain", fmt.Sprint("Content-Length: ", len(body))) + body, "415 content_type"},
		} {
			send := k.Raw
			if strings.HasSuffix(c.want, "body_cut") {
				send = k.RawCut
			}
			res := send(c.request)
			quiet(k, "POST", "/clients", res)
			if got := fmt.Sprint(res.Status, " ", res.Map(k)["code"]); got != c.want {
				t.Errorf("%s: %s, want %s", what, got, c.want)
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("a refused request changed something")
		}
		k.Raw(chunked+chunk(body[:7])+chunk(body[7:])+chunk("")).Want(k, 201)
	})
}

// These do not reach us: the standard library refuses them. They must not
// reach us.
func TestRequestsThatAreNoHTTP_ASVS_4_2_5(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		const body = `{"first_name":"a","last_name":"b"}`
		for what, c := range map[string]struct {
			request string
			want    int
		}{
			"negative length":  {wire(k, "POST /api/v1/clients", header, jsonType, "Content-Length: -1") + body, 400},
			"length is a word": {wire(k, "POST /api/v1/clients", header, jsonType, "Content-Length: ten") + body, 400},
			"two lengths":      {wire(k, "POST /api/v1/clients", header, jsonType, "Content-Length: 34", "Content-Length: 35") + body, 400},
			"no host":          {"GET /api/v1/clients HTTP/1.1\r\n\r\n", 400},
			"two hosts":        {wire(k, "GET /api/v1/clients", header, "Host: other.example"), 400},
			"space in a name":  {wire(k, "GET /api/v1/clients", header, "Bad Name: x"), 400},
			"NUL in a value":   {wire(k, "GET /api/v1/clients", header, "X-A: \x00"), 400},
			"megabytes":        {wire(k, "GET /api/v1/clients", header, "X-A: "+strings.Repeat("a", 2<<20)), 431},
			"huge cookies":     {wire(k, "GET /api/v1/clients", nil, "Cookie: access_token="+strings.Repeat("a", 2<<20)), 431},
		} {
			if got := k.Raw(c.request).Status; got != c.want {
				t.Errorf("%s: %d, want %d", what, got, c.want)
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("something was changed")
		}
		k.Get("/clients", header).Want(k, 200)
	})
}

// A second request hidden in the first one's body must not be taken for one
// of the same person's.
func TestABodyIsNotTheNextRequest_ASVS_1_5_3_ASVS_4_2_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		hidden := wire(k, "DELETE /api/v1/clients/"+k.Client1.ID.String(), header)
		for _, form := range []string{"Content-Length: " + fmt.Sprint(len(hidden)), "Content-Length: 4\r\nTransfer-Encoding: chunked"} {
			body := hidden
			if strings.Contains(form, "chunked") {
				body = chunk(hidden) + chunk("")
			}
			k.Raw(wire(k, "POST /api/v1/clients", header, jsonType, form)+body).WantCode(k, 400, "malformed")
		}
		if n := k.DB.Count("select count(*) from clients where archived_at is not null"); n != 0 {
			t.Fatal("the hidden request was carried out")
		}
	})
}

// A route that reads no body does not care how long one is.
func TestBodiesThatNobodyReads(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		for _, r := range members(k) {
			if c := calls[name(r)]; c.body == nil {
				mine := w.fresh(r)
				line := r.Method + " " + fill(r, mine) + search(k, c, mine)
				k.Raw(wire(k, line, w.member, jsonType, "Content-Length: 1048576")).Want(k, c.want)
			}
		}
	})
}

func TestImportedFilesMayBeEightMegabytes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		head := wire(k, "POST /api/v1/clients/import", header, "Content-Type: text/csv", "Content-Length: "+fmt.Sprint(8<<20+1))
		k.Raw(head).WantCode(k, 413, "too_large")
		chunked := wire(k, "POST /api/v1/clients/import", header, "Content-Type: text/csv", "Transfer-Encoding: chunked")
		k.Raw(chunked+strings.Repeat(chunk(strings.Repeat("x", 1<<20)), 9)+chunk("")).WantCode(k, 413, "too_large")
		k.Declared("POST", "/clients/import", 413)
		k.RawCut(wire(k, "POST /api/v1/clients/import", header, "Content-Type: text/csv", "Content-Length: "+fmt.Sprint(8<<20))+"first_name,last_name\n").WantCode(k, 400, "body_cut")
	})
}

package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"golang.org/x/text/encoding/charmap"
)

// csvHeaders are those of a change, with a table for a body.
func csvHeaders(k *testkit.Kit, u model.User) http.Header {
	h := k.CSRFHeaders(u)
	h.Set("Content-Type", "text/csv")
	return h
}

func importFile(k *testkit.Kit, query string, file any) *testkit.Response {
	k.T.Helper()
	return k.Ask(http.MethodPost, "/clients/import"+query, csvHeaders(k, k.User1), file)
}

func report(dry bool, rows, created, skipped int, errors ...any) obj {
	return obj{"dry_run": dry, "rows": rows, "created": created, "skipped": skipped, "errors": append([]any{}, errors...), "skipped_rows": []any{}, "ignored_columns": []any{}}
}

func TestImportAnswersWithAReport(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const file = "first_name,last_name,email,colour\nNoa,Levi,noa@example.com,red\nx,,Zipporah,\nJohn,D,john.doe@example.com,\nGil,Cohen,,\n"
		wrongCells := []any{
			obj{"row": 3, "field": "last_name", "code": "required", "message": "Must not be empty."},
			obj{"row": 3, "field": "email", "code": "email", "message": "Must be an e-mail address."},
		}
		for _, dry := range []bool{true, false} {
			res := importFile(k, fmt.Sprint("?dry_run=", dry), file).Want(k, http.StatusOK)
			want := report(dry, 4, 2, 1, wrongCells...)
			want["ignored_columns"], want["skipped_rows"] = []any{4}, []any{4}
			same(k, res.Map(k), want)
			if strings.Contains(string(res.Body), "Zipporah") {
				t.Errorf("the report repeats a cell: %s", res.Body)
			}
			if stored := clientsOf(k); (stored == 1) != dry {
				t.Errorf("dry run %v: %d clients are stored", dry, stored)
			}
		}
		if got := list(k, ""); !reflect.DeepEqual(got, []string{"Gil Cohen", "John Doe", "Noa Levi"}) {
			t.Errorf("listed %q", got)
		}
		same(k, importFile(k, "", file).Want(k, http.StatusOK).Map(k), obj{"created": 1, "skipped": 2}) // Gil has nothing to be known by
		same(k, importFile(k, "?duplicates=create", file).Want(k, http.StatusOK).Map(k), obj{"created": 3, "skipped": 0})
	})
}

func TestImportedClientsAreReadable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		hebrew, err := charmap.Windows1255.NewEncoder().String("שם פרטי;שם משפחה;טלפון;תאריך לידה;תגיות\r\nדנה;כהן;050-7654321;31/12/1980;גב, צוואר\r\n")
		testkit.NoErr(t, err)
		same(k, importFile(k, "", hebrew).Want(k, http.StatusOK).Map(k), report(false, 1, 1, 0))
		found := k.Ask(http.MethodGet, "/clients?q="+"%D7%93%D7%A0%D7%94", k.AuthHeaders(k.User1), nil).Want(k, http.StatusOK).List(k)
		if len(found) != 1 {
			t.Fatalf("found %v", found)
		}
		same(k, found[0], obj{
			"full_name": "דנה כהן", "phone": "050-7654321", "date_of_birth": "1980-12-31", "tags": []any{"גב", "צוואר"},
			"is_active": true, "consent_status": false, "version": 1, "created_at": "2026-02-02T09:00:00Z",
		})
	})
}

func TestFilesThatAreNoTable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, c := range []struct{ name, file, code string }{
			{"nothing", "", "empty"},
			{"no header", "Noa,Levi\n", "header"},
			{"a picture", "\x89PNG\r\n\x1a\n\xff\xdb\xd9\x00", "encoding"},
			{"10,001 rows", "first_name,last_name\n" + strings.Repeat("a,b\n", 10_001), "too_many"},
		} {
			for _, dry := range []string{"", "?dry_run=true"} {
				if got := wrong(k, importFile(k, dry, c.file)); !reflect.DeepEqual(got, []string{"body.file " + c.code}) {
					t.Errorf("%s: refused as %q, want %s", c.name, got, c.code)
				}
			}
		}
		same(k, importFile(k, "?dry_run=true", "first_name,last_name\n"+strings.Repeat("a,b\n", 10_000)).Want(k, http.StatusOK).Map(k), report(true, 10_000, 10_000, 0))
		if n := clientsOf(k); n != 1 {
			t.Errorf("%d clients are stored", n)
		}
	})
}

func TestImportIsBoundedInBytes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const most = 8 << 20
		head := "first_name,last_name,notes\nNoa,Levi,"
		file := []byte(head + strings.Repeat("a", most-len(head)))
		refused := obj{"row": 2, "field": "notes", "code": "too_long", "message": "Must have at most 10000 characters."}
		same(k, importFile(k, "", file).Want(k, http.StatusOK).Map(k), report(false, 1, 0, 0, refused))
		file = append(file, 'a')
		importFile(k, "", file).WantCode(k, http.StatusRequestEntityTooLarge, "too_large")
		if status := chunked(t, k, file); status != http.StatusRequestEntityTooLarge {
			t.Errorf("sent without a length: status %d", status)
		}
	})
}

// chunked imports a file without saying how long it is.
func chunked(t *testing.T, k *testkit.Kit, file []byte) int {
	t.Helper()
	pieces := struct{ io.Reader }{bytes.NewReader(file)}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, k.Server.URL+"/api/v1/clients/import", pieces)
	testkit.NoErr(t, err)
	req.Header = csvHeaders(k, k.User1)
	res, err := http.DefaultClient.Do(req)
	testkit.NoErr(t, err)
	testkit.NoErr(t, res.Body.Close())
	return res.StatusCode
}

func TestImportRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const file = "first_name,last_name\nNoa,Levi\n"
		for _, u := range []model.User{k.Practitioner1, k.Assistant1} {
			for _, query := range []string{"", "?dry_run=true"} {
				k.Ask(http.MethodPost, "/clients/import"+query, csvHeaders(k, u), file).WantCode(k, http.StatusForbidden, "denied")
			}
			k.Ask(http.MethodGet, "/clients/export", k.AuthHeaders(u), nil).WantCode(k, http.StatusForbidden, "denied")
		}
		h := k.CSRFHeaders(k.User1)
		for _, kind := range []string{"application/json", "text/plain", "multipart/form-data; boundary=x", "application/vnd.ms-excel", "text/csv;"} {
			h.Set("Content-Type", kind)
			want := http.StatusUnsupportedMediaType
			if kind == "text/csv;" { // a loose semicolon is no other type
				want = http.StatusOK
			}
			k.Ask(http.MethodPost, "/clients/import?dry_run=true", h, file).Want(k, want)
		}
		for _, query := range []string{"?duplicates=merge", "?dry_run=perhaps"} {
			importFile(k, query, file).WantCode(k, http.StatusUnprocessableEntity, "invalid")
		}
		noToken := k.AuthHeaders(k.User1)
		noToken.Set("Content-Type", "text/csv")
		k.Ask(http.MethodPost, "/clients/import", noToken, file).WantCode(k, http.StatusForbidden, "csrf")
		if n := clientsOf(k); n != 1 {
			t.Errorf("%d clients are stored", n)
		}
	})
}

func TestExportIsAFile_ASVS_3_2_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		k.Clock.Advance(15 * time.Minute)
		newClient(k, h, obj{"first_name": "=1+1", "last_name": "כהן", "phone": "+972 50 1234567", "tags": []any{"גב", "צוואר"}})
		k.Ask(http.MethodDelete, "/clients/"+k.Client1.ID.String(), h, nil).Want(k, http.StatusNoContent)
		res := k.Ask(http.MethodGet, "/clients/export", k.AuthHeaders(k.User1), nil).Want(k, http.StatusOK)
		for name, want := range map[string]string{
			"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="clients-2026-02-02.csv"`,
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		text, ok := strings.CutPrefix(string(res.Body), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		testkit.NoErr(t, err)
		if !ok || len(rows) != 3 || len(rows[0]) != 15 {
			t.Fatalf("exported %s", res.Body)
		}
		cells := map[string][]string{rows[1][1]: rows[1], rows[2][1]: rows[2]}
		if got := cells["'=1+1"]; len(got) == 0 || got[2] != "כהן" || got[4] != "+972 50 1234567" || got[11] != "גב; צוואר" || got[13] != "true" || got[14] != "2026-02-02T09:15:00Z" {
			t.Errorf("exported %q", got)
		}
		if got := cells["John"]; len(got) == 0 || got[13] != "false" {
			t.Errorf("the archived one: %q", got)
		}
		if got := k.Audited(k.Workspace1.ID, model.ClientExport); len(got) != 1 || got[0].Outcome != "ok" || got[0].Records != "2" {
			t.Errorf("the trail says %+v", got)
		}
	})
}

func TestExportAnswersNothingThatIsNotAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.AuthHeaders(k.User1)
		testkit.NoErr(t, k.DB.Exec("alter table audit_events rename to gone"))
		res := k.Ask(http.MethodGet, "/clients/export", h, nil).WantCode(k, http.StatusServiceUnavailable, "unavailable")
		if res.Header.Get("Retry-After") == "" || strings.Contains(string(res.Body), "Doe") || res.Header.Get("Content-Disposition") != "" {
			t.Errorf("answered %v %s", res.Header, res.Body)
		}
	})
}

// brokenTrail is a connection on whose first bytes the audit trail breaks.
type brokenTrail struct {
	*httptest.ResponseRecorder

	k *testkit.Kit
}

func (b brokenTrail) Write(p []byte) (int, error) {
	if b.Body.Len() == 0 {
		testkit.NoErr(b.k.T, b.k.DB.Exec("alter table audit_events rename to gone"))
	}
	return b.ResponseRecorder.Write(p)
}

// Half a file must not be taken for a whole one: the connection is cut.
func TestExportThatBreaksIsCut(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		all := make([]model.Client, 450)
		for i := range all {
			all[i] = person(i+1, fmt.Sprint("First ", i), "Last")
		}
		k.AddClients(k.Workspace1.ID, all)
		w := brokenTrail{httptest.NewRecorder(), k}
		req := httptest.NewRequest(http.MethodGet, "/api/v1/clients/export", nil)
		req.Header = k.AuthHeaders(k.User1)
		func() {
			defer func() {
				if p := recover(); p != http.ErrAbortHandler {
					t.Errorf("the answer ended with %v, as if it were whole", p)
				}
			}()
			k.API.Handler().ServeHTTP(w, req)
		}()
		if n := strings.Count(w.Body.String(), ",Last,"); w.Code != http.StatusOK || n == 0 || n > 200 {
			t.Errorf("status %d, %d clients were sent and 200 audited", w.Code, n)
		}
		if !strings.Contains(k.Log.String(), "file cut") {
			t.Error("the log does not say so")
		}
	})
}

func TestExportedFileCanBeImportedElsewhere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		body := fullBody()
		body["first_name"], body["notes"], body["tags"] = "-דנה", "one\ntwo; \"three\"", []any{`צה"ל`, "a;b", "c,d"}
		newClient(k, h, body)
		file := k.Ask(http.MethodGet, "/clients/export", h, nil).Want(k, http.StatusOK).Body
		w := k.AddWorkspace(3)
		u := k.AddUser(9, w.ID, model.Owner)
		same(k, k.Ask(http.MethodPost, "/clients/import", csvHeaders(k, u), file).Want(k, http.StatusOK).Map(k), obj{"rows": 2, "created": 2, "ignored_columns": []any{1, 13, 14, 15}})
		elsewhere := k.AuthHeaders(u)
		for _, c := range k.Ask(http.MethodGet, "/clients", elsewhere, nil).Want(k, http.StatusOK).List(k) {
			if c["first_name"] == "-דנה" {
				same(k, k.Ask(http.MethodGet, fmt.Sprint("/clients/", c["id"]), elsewhere, nil).Want(k, http.StatusOK).Map(k), body)
				return
			}
		}
		t.Error("the client is not there")
	})
}

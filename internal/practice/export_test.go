package practice_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func exported(t *testing.T, k *testkit.Kit, u model.User) string {
	t.Helper()
	var file bytes.Buffer
	testkit.NoErr(t, export(t, k, u, &file))
	return file.String()
}

func export(t *testing.T, k *testkit.Kit, u model.User, w interface{ Write([]byte) (int, error) }) error {
	t.Helper()
	sc := k.Scope(u)
	first, err := k.Practice.StartExport(t.Context(), sc)
	if err != nil {
		return err
	}
	return k.Practice.ExportClients(t.Context(), sc, first, w)
}

// table reads an export as a spreadsheet would.
func table(t *testing.T, file string) [][]string {
	t.Helper()
	text, ok := strings.CutPrefix(file, "\ufeff")
	if !ok {
		t.Errorf("the file does not start with a byte order mark: %.20q", file)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	testkit.NoErr(t, err)
	return rows
}

func many(n int) []model.Client {
	all := make([]model.Client, n)
	for i := range all {
		all[i] = model.Client{ID: testkit.ID(3, i+1), Contact: model.Contact{FirstName: model.Text(fmt.Sprintf("First %d", i)), LastName: "Many"}}
	}
	return all
}

func TestExportHoldsEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		at := k.Clock.Now()
		k.Clock.Advance(26*time.Hour + 500*time.Millisecond)
		k.AddClient(k.Workspace1.ID, model.Client{
			ID: testkit.ID(3, 1), ArchivedAt: &at, Consented: true, Contact: model.Contact{
				FirstName: "דנה", LastName: `Ben "B", Dor`, Email: "dana@example.com", Phone: "+972 50 123", DateOfBirth: "1980-12-31",
				Address: "רחוב 1\nחיפה", EmergencyName: "=HYPERLINK()", EmergencyPhone: "-1", Tags: []model.Text{"גב", "a;b"},
			},
			History: model.History{MedicalHistory: "@SUM", Notes: "'quoted'"},
		})
		want := [][]string{
			{"id", "first_name", "last_name", "email", "phone", "date_of_birth", "address", "emergency_contact_name", "emergency_contact_phone", "medical_history", "notes", "tags", "consent_status", "is_active", "created_at"},
			{k.Client1.ID.String(), "John", "Doe", "john.doe@example.com", "+1234567890", "", "", "", "", "", "", "", "false", "true", "2026-02-02T09:00:00Z"},
			{testkit.ID(3, 1).String(), "דנה", `Ben "B", Dor`, "dana@example.com", "+972 50 123", "1980-12-31", "רחוב 1\nחיפה", "'=HYPERLINK()", "'-1", "'@SUM", "''quoted'", `גב; "a;b"`, "true", "false", "2026-02-03T11:00:00Z"},
		}
		if got := table(t, exported(t, k, k.User1)); !reflect.DeepEqual(got, want) {
			t.Fatalf("exported %q", got)
		}
	})
}

func TestExportWalksAllPages(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		clients := many(450)
		k.AddClients(k.Workspace1.ID, clients[:399])
		counts := func() (all []string) {
			for _, e := range k.Audited(k.Workspace1.ID, model.ClientExport) {
				all = append(all, e.Outcome+" "+e.Records)
			}
			return all
		}
		if rows := table(t, exported(t, k, k.User1)); len(rows) != 401 {
			t.Errorf("%d rows for 400 clients", len(rows))
		}
		if got := counts(); !slices.Equal(got, []string{"ok 200", "ok 200", "ok 0"}) {
			t.Errorf("the trail says %q", got)
		}
		k.AddClients(k.Workspace1.ID, clients[399:])
		rows := table(t, exported(t, k, k.User1))
		if len(rows) != 452 {
			t.Errorf("%d rows for 451 clients", len(rows))
		}
		seen := map[string]bool{}
		for _, row := range rows[1:] {
			seen[row[0]] = true
		}
		for _, c := range clients {
			if !seen[c.ID.String()] {
				t.Errorf("%s is missing", string(c.FullName()))
			}
		}
		if got := counts(); !slices.Equal(got[3:], []string{"ok 200", "ok 200", "ok 51"}) {
			t.Errorf("the trail says %q", got[3:])
		}
	})
}

// writerFunc lets a test look at the world before each write.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestExportIsAuditedBeforeItIsWritten(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.AddClients(k.Workspace1.ID, many(250))
		written := 0
		err := export(t, k, k.User1, writerFunc(func(p []byte) (int, error) {
			written += bytes.Count(p, []byte(" Many,")) + bytes.Count(p, []byte(",Many,"))
			audited := 0
			for _, e := range k.Audited(k.Workspace1.ID, model.ClientExport) {
				n, err := strconv.Atoi(e.Records)
				testkit.NoErr(t, err)
				audited += n
			}
			if written > audited || audited == 0 {
				t.Errorf("%d clients are written, %d audited", written, audited)
			}
			return len(p), nil
		}))
		testkit.NoErr(t, err)
		if written < 240 { // a name may be cut between two writes
			t.Errorf("the test saw %d clients", written)
		}
	})
}

func TestExportStopsWhenItCannotBeAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.AddClients(k.Workspace1.ID, many(450))
		sc := k.Scope(k.User1)
		first, err := k.Practice.StartExport(t.Context(), sc)
		testkit.NoErr(t, err)
		testkit.NoErr(t, k.DB.Exec("alter table audit_events rename to gone"))
		var file bytes.Buffer
		err = k.Practice.ExportClients(t.Context(), sc, first, &file)
		if model.KindOf(err) != model.Unavailable {
			t.Errorf("got %v, want unavailable", err)
		}
		if n := strings.Count(file.String(), "Many"); n > 200 {
			t.Errorf("%d clients were written, 200 were audited", n)
		}
		if page, err := k.Practice.StartExport(t.Context(), sc); page != nil || model.KindOf(err) != model.Unavailable {
			t.Errorf("a new export starts with %d clients, %v", len(page), err)
		}
	})
}

func TestExportReportsABrokenConnection(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		gone := errors.New("gone")
		for calls := range 2 {
			left := calls
			err := export(t, k, k.User1, writerFunc(func(p []byte) (int, error) {
				if left--; left < 0 {
					return 0, gone
				}
				return len(p), nil
			}))
			if !errors.Is(err, gone) {
				t.Errorf("broken at write %d: %v", calls, err)
			}
		}
	})
}

func TestExportHoldsOneWorkspaceAndIsForOwners(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		if got := exported(t, k, k.User1); strings.Contains(got, "jane.roe@example.com") || !strings.Contains(got, "john.doe@example.com") {
			t.Errorf("exported %q", got)
		}
		for _, u := range []model.User{k.Practitioner1, k.Assistant1} {
			if page, err := k.Practice.StartExport(t.Context(), k.Scope(u)); page != nil || model.KindOf(err) != model.Denied {
				t.Errorf("%s gets %d clients, %v", u.Role, len(page), err)
			}
		}
		want := []string{"ok", "denied", "denied"}
		for i, e := range k.Audited(k.Workspace1.ID, model.ClientExport) {
			if e.Outcome != want[i] {
				t.Errorf("event %d is %+v, want %s", i, e, want[i])
			}
		}
	})
}

// bare is what an import can give back: everything but ids, times and state.
func bare(all []model.Client) []model.Client {
	out := make([]model.Client, len(all))
	for i, c := range all {
		out[i] = model.Client{Contact: c.Contact, History: c.History}
	}
	slices.SortFunc(out, func(a, b model.Client) int { return strings.Compare(string(a.FullName()), string(b.FullName())) })
	return out
}

func TestExportCanBeImportedElsewhere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		at := k.Clock.Now()
		for i, c := range []model.Client{
			{Contact: model.Contact{FirstName: "=cmd|' /C calc'!A0", LastName: "'@x", Phone: "+972-50-123 4567", Email: "o'connor@example.com"}},
			{Contact: model.Contact{FirstName: "דנה", LastName: "בן־דוד", DateOfBirth: "1980-12-31", Address: "רחוב 1\n\tחיפה", Tags: []model.Text{`צה"ל`, "a;b,c|d", `"x`, "-1"}}},
			{Contact: model.Contact{FirstName: "Twin", LastName: "One", Phone: "050-7654321"}, History: model.History{MedicalHistory: "\"quoted\"\n\nלא", Notes: "- list\n- more; and, more"}},
			{Contact: model.Contact{FirstName: "Twin", LastName: "Two", Phone: "050-7654321"}, ArchivedAt: &at},
			{Contact: model.Contact{FirstName: "''", LastName: "%", EmergencyName: "+", EmergencyPhone: "+1 2"}},
		} {
			c.ID = testkit.ID(3, i+1)
			k.AddClient(k.Workspace1.ID, c)
		}
		w3 := k.AddWorkspace(3)
		u3 := k.AddUser(9, w3.ID, model.Owner)
		rep, err := k.Practice.ImportClients(t.Context(), k.Scope(u3), []byte(exported(t, k, k.User1)), practice.ImportOptions{CreateDuplicates: true})
		testkit.NoErr(t, err)
		if rep.Created != 6 || len(rep.Errors) != 0 || !slices.Equal(rep.Ignored, []int{1, 13, 14, 15}) {
			t.Fatalf("reported %+v", rep)
		}
		want, got := bare(k.StoredClients(k.Workspace1.ID)), bare(k.StoredClients(w3.ID))
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("%q came back as %q", plain(want[i]), plain(got[i]))
			}
		}
		for _, c := range k.StoredClients(w3.ID) {
			if c.WorkspaceID != w3.ID || c.ID == uuid.Nil || c.Version != 1 {
				t.Errorf("stored as %v %v %d", c.WorkspaceID, c.ID, c.Version)
			}
		}
	})
}

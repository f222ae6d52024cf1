package practice_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

const clientsHeader = "first_name,last_name,email,phone,date_of_birth,tags,medical_history\n"

func imported(t *testing.T, k *testkit.Kit, file string, o practice.ImportOptions) practice.ImportReport {
	t.Helper()
	rep, err := k.Practice.ImportClients(t.Context(), k.Scope(k.User1), []byte(file), o)
	testkit.NoErr(t, err)
	return rep
}

// names lists the clients of a workspace beside the fixture, sorted.
func names(k *testkit.Kit) []string {
	var all []string
	for _, c := range k.StoredClients(k.Workspace1.ID) {
		if c.ID != k.Client1.ID {
			all = append(all, string(c.FullName()))
		}
	}
	slices.Sort(all)
	return all
}

func TestImportStoresEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		rep := imported(t, k, "\ufeffשם פרטי;שם משפחה;אימייל;טלפון;תאריך לידה;כתובת;איש קשר לחירום;טלפון לחירום;רקע רפואי;הערות;תגיות\r\n"+
			"דנה;בן־דוד; Dana@Example.com ;050-1234567;31/12/1980;\"רחוב 1\r\nחיפה\";אבא;03-5550111;אסתמה;שקטה;גב, צוואר\r\n", practice.ImportOptions{})
		if rep.Rows != 1 || rep.Created != 1 || rep.Skipped != 0 || len(rep.Errors) != 0 || len(rep.Ignored) != 0 || rep.DryRun {
			t.Fatalf("reported %+v", rep)
		}
		all := k.StoredClients(k.Workspace1.ID)
		got := all[slices.IndexFunc(all, func(c model.Client) bool { return c.ID != k.Client1.ID })]
		want := model.Client{
			ID: got.ID, WorkspaceID: k.Workspace1.ID, Version: 1, CreatedAt: k.Clock.Now(), UpdatedAt: k.Clock.Now(),
			Contact: model.Contact{
				FirstName: "דנה", LastName: "בן־דוד", Email: "Dana@Example.com", Phone: "050-1234567", DateOfBirth: "1980-12-31",
				Address: "רחוב 1\nחיפה", EmergencyName: "אבא", EmergencyPhone: "03-5550111", Tags: []model.Text{"גב", "צוואר"},
			},
			History: model.History{MedicalHistory: "אסתמה", Notes: "שקטה"},
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("stored %q", fmt.Sprintf("%#v", plain(got)))
		}
	})
}

// plain shows a client's texts in a failure.
func plain(c model.Client) []string {
	all := []string{string(c.FullName()), string(c.Email), string(c.Phone), string(c.DateOfBirth), string(c.Address), string(c.MedicalHistory), string(c.Notes)}
	for _, tag := range c.Tags {
		all = append(all, string(tag))
	}
	return all
}

func TestImportReportsRowsWithErrorsAndStoresTheOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const secret = "Zipporah"
		rep := imported(t, k, clientsHeader+
			"Noa,Levi,,,,,\n"+
			secret+",,"+secret+",,"+secret+",,\n"+ // 3
			",,,,,,\n"+
			"\n"+
			"Dana,"+strings.Repeat(secret, 40)+",,,,,\n"+ // 6
			"Dana,Cohen,,,03/02/2026,,\n"+ // 7: tomorrow
			"Dana,Cohen,,,02/02/2026,,\n"+ // 8: today
			"Dana,Mizrahi,,,,"+strings.Repeat("t;", 31)+"x,a\x00"+secret+"\n", practice.ImportOptions{})
		if rep.Rows != 6 || rep.Created != 2 || rep.Skipped != 0 {
			t.Errorf("reported %+v", rep)
		}
		var got []string
		for _, e := range rep.Errors {
			got = append(got, fmt.Sprintf("%d %s %s", e.Row, e.Name, e.Code))
			if strings.Contains(fmt.Sprintf("%+v", e), secret) {
				t.Errorf("the report repeats the value: %+v", e)
			}
		}
		want := []string{"3 last_name required", "3 email email", "3 date_of_birth date", "6 last_name too_long", "7 date_of_birth future", "9 medical_history characters"}
		if !slices.Equal(got, want) {
			t.Errorf("reported %q, want %q", got, want)
		}
		if got := names(k); !slices.Equal(got, []string{"Dana Cohen", "Noa Levi"}) {
			t.Errorf("stored %q", got)
		}
	})
}

func TestImportNamesAtMost200SkippedRows(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		rep := imported(t, k, "first_name,last_name,phone\n"+strings.Repeat("Noa,Levi,050-1234567\n", 252), practice.ImportOptions{DryRun: true})
		if len(rep.Twins) != 200 || rep.Twins[199] != 202 || rep.Skipped != 251 || rep.Created != 1 {
			t.Fatalf("%d skipped, %d named", rep.Skipped, len(rep.Twins))
		}
	})
}

func TestImportReportsAtMost200Errors(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		rep := imported(t, k, "first_name,last_name\n"+strings.Repeat("only,\n", 250)+"Noa,Levi\n", practice.ImportOptions{})
		if len(rep.Errors) != 200 || rep.Rows != 251 || rep.Created != 1 {
			t.Fatalf("%d errors, %d rows, %d created", len(rep.Errors), rep.Rows, rep.Created)
		}
	})
}

func TestImportSkipsDuplicates(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "José", LastName: "Ben-Dor", DateOfBirth: "1980-12-31"}})
		k.AddClient(k.Workspace2.ID, model.Client{Contact: model.Contact{FirstName: "Other", LastName: "Practice", Phone: "050-7654321"}})
		const file = clientsHeader +
			"Johnny,D,JOHN.DOE@example.com,,,,\n" + // skipped: the fixture's e-mail
			"Johnny,E,,+1 (234) 567-890,,,\n" + // skipped: the fixture's phone
			"jose,ben dor,,,31.12.1980,,\n" + // skipped: name and birth date
			"jose,ben dor,,,30.12.1980,,\n" + // another birth date
			"jose,ben dor,,,,,\n" + // no birth date
			"Noa,Levi,,050-1234567,,,\n" +
			"Noa,Levi,,+972501234567,,,\n" + // skipped: in the file before
			"Gil,Levi,gil@example.com,,,,\n" +
			"Gil,L,GIL@example.com,,,,\n" + // skipped: in the file before
			"Sam,A,,12345,,,\n" +
			"Sam,B,,12345,,,\n" + // an extension is no phone number
			"Tal,C,,050-7654321,,,\n" // only another practice knows the number
		rep := imported(t, k, file, practice.ImportOptions{})
		if rep.Rows != 12 || rep.Created != 7 || rep.Skipped != 5 || len(rep.Errors) != 0 || !slices.Equal(rep.Twins, []int{2, 3, 4, 8, 10}) {
			t.Errorf("reported %+v", rep)
		}
		want := []string{"Gil Levi", "José Ben-Dor", "Noa Levi", "Sam A", "Sam B", "Tal C", "jose ben dor", "jose ben dor"}
		if got := names(k); !slices.Equal(got, want) {
			t.Errorf("stored %q, want %q", got, want)
		}
		rep = imported(t, k, file, practice.ImportOptions{CreateDuplicates: true})
		if rep.Rows != 12 || rep.Created != 12 || rep.Skipped != 0 || len(names(k)) != len(want)+12 {
			t.Errorf("with duplicates: reported %+v, stored %d", rep, len(names(k)))
		}
	})
}

func TestDryRunSaysTheSameAndStoresNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const file = "first_name,last_name,phone,colour\nNoa,Levi,050-1234567,red\nNoa,L,+972501234567,\nx,,,\nGil,Cohen,,\nJ,D,+1234567890,\n"
		for _, duplicates := range []bool{false, true} {
			before := k.DB.Count("select count(*) from clients")
			dry := imported(t, k, file, practice.ImportOptions{DryRun: true, CreateDuplicates: duplicates})
			if n := k.DB.Count("select count(*) from clients"); n != before {
				t.Fatalf("the dry run stored %d clients", n-before)
			}
			real := imported(t, k, file, practice.ImportOptions{CreateDuplicates: duplicates})
			if n := k.DB.Count("select count(*) from clients"); n-before != real.Created {
				t.Fatalf("%d clients stored, %d reported", n-before, real.Created)
			}
			if !dry.DryRun || real.DryRun {
				t.Errorf("dry_run is reported as %v and %v", dry.DryRun, real.DryRun)
			}
			dry.DryRun = false
			if !reflect.DeepEqual(dry, real) {
				t.Errorf("the dry run says %+v, the real one %+v", dry, real)
			}
		}
	})
}

// brokenAfter gives chance for some ids and fails then.
type brokenAfter struct{ ids int }

func (b *brokenAfter) Read(p []byte) (int, error) {
	if b.ids--; b.ids < 0 {
		return 0, errors.New("no chance left")
	}
	return io.ReadFull(rand.Reader, p)
}

func TestFailedImportLeavesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := practice.New(k.Store, &brokenAfter{ids: 3})
		_, err := p.ImportClients(t.Context(), k.Scope(k.User1), []byte("first_name,last_name\na,a\nb,b\nc,c\nd,d\n"), practice.ImportOptions{})
		if err == nil || model.KindOf(err) != 0 {
			t.Fatalf("got %v, want an internal error", err)
		}
		if got := names(k); len(got) != 0 {
			t.Errorf("stored %q", got)
		}
		if got := k.Audited(k.Workspace1.ID, model.ClientImport); len(got) != 0 {
			t.Errorf("the trail says %+v", got)
		}
		if rep := imported(t, k, "first_name,last_name\na,a\n", practice.ImportOptions{}); rep.Created != 1 || !slices.Equal(names(k), []string{"a a"}) {
			t.Errorf("afterwards: %+v, %q", rep, names(k))
		}
	})
}

func TestAbandonedImportLeavesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		ctx, cancel := context.WithCancel(t.Context())
		sc := k.Scope(k.User1)
		p := practice.New(k.Store, readerFunc(func(b []byte) (int, error) {
			cancel() // the person goes away while the first row is stored
			return io.ReadFull(rand.Reader, b)
		}))
		if _, err := p.ImportClients(ctx, sc, []byte("first_name,last_name\na,a\nb,b\n"), practice.ImportOptions{}); err == nil {
			t.Error("it went on")
		}
		if got := names(k); len(got) != 0 {
			t.Errorf("stored %q", got)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestImportIsAuditedWithItsCount(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		imported(t, k, "first_name,last_name\na,a\nb,b\nc,c\nx,\n", practice.ImportOptions{})
		imported(t, k, "first_name,last_name\nd,d\n", practice.ImportOptions{DryRun: true})
		owner, nobody := k.User1.ID.String(), uuid.Nil.String()
		want := []testkit.AuditedEvent{
			{Outcome: "ok", Subject: nobody, Records: "3", Actor: owner}, {Outcome: "ok", Subject: nobody, Records: "0", Actor: owner},
		}
		if got := k.Audited(k.Workspace1.ID, model.ClientImport); !slices.Equal(got, want) {
			t.Fatalf("the trail says %+v, want %+v", got, want)
		}
	})
}

func TestOnlyOwnersImport(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.Practitioner1, k.Assistant1} {
			for _, dry := range []bool{true, false} {
				_, err := k.Practice.ImportClients(t.Context(), k.Scope(u), []byte("first_name,last_name\na,a\n"), practice.ImportOptions{DryRun: dry})
				if model.KindOf(err) != model.Denied {
					t.Errorf("%s, dry run %v: %v, want denied", u.Role, dry, err)
				}
			}
		}
		if got := names(k); len(got) != 0 {
			t.Errorf("stored %q", got)
		}
		for _, e := range k.Audited(k.Workspace1.ID, model.ClientImport) {
			if e.Outcome != "denied" {
				t.Errorf("the trail says %+v", e)
			}
		}
		if n := len(k.Audited(k.Workspace1.ID, model.ClientImport)); n != 4 {
			t.Errorf("%d refusals are in the trail, want 4", n)
		}
	})
}

func TestBadFileIsRefusedBeforeAnythingHappens(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, err := k.Practice.ImportClients(t.Context(), k.Scope(k.User1), []byte("Noa,Levi\n"), practice.ImportOptions{})
		if model.KindOf(err) != model.Invalid || len(k.Audited(k.Workspace1.ID, model.ClientImport)) != 0 {
			t.Fatalf("got %v", err)
		}
	})
}

package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// toOwners checks that each owner of the first practice got one mail, in the
// own language, and nobody else did.
func toOwners(k *testkit.Kit, sent []mail.Message, en, he string) {
	k.T.Helper()
	var got []string
	for _, m := range sent {
		got = append(got, m.To+" "+m.Lang+" "+m.Subject)
		dir := map[string]string{"en": "ltr", "he": "rtl"}[m.Lang]
		if !strings.Contains(m.HTML, `dir="`+dir+`"`) || len(m.Text) < 50 {
			k.T.Errorf("%s: %s", m.To, m.HTML)
		}
		for _, private := range []string{"Unpaid", "Test Workspace", "Test User", "John", "Doe"} {
			if strings.Contains(m.Subject+m.Text+m.HTML, private) {
				k.T.Errorf("the mail to %s names %s", m.To, private)
			}
		}
	}
	slices.Sort(got)
	want := []string{"user-1@example.com en " + en, "user-20@example.com he " + he}
	if !slices.Equal(got, want) {
		k.T.Errorf("mailed %q, want %q", got, want)
	}
}

func TestOwnersAreMailedWhenTheirPracticeIsSuspendedAndReactivated(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		k.AddUser(20, k.Workspace1.ID, model.Owner)
		testkit.NoErr(t, k.DB.Exec("update users set locale = 'he' where id = $1", testkit.ID(1, 20).String()))
		k.AddUser(21, k.Workspace1.ID, model.Owner)
		testkit.NoErr(t, k.DB.Exec("update members set active = false where user_id = $1", testkit.ID(1, 21).String()))
		k.RunJobs()
		sent := len(k.Outbox.Sent())
		path := practicePath(k.Workspace1)

		admin.Do(http.MethodPost, path+"/suspend", fields{"reason": "Unpaid for long"}).Want(k, 200)
		toOwners(k, k.Mailed(sent, 2), "Your practice on PazPaz is suspended", "המרפאה שלך ב-PazPaz הושהתה")
		admin.Do(http.MethodPost, path+"/suspend", fields{"reason": "Unpaid for long"}).Want(k, 409)
		k.Mailed(sent+2, 0) // once

		admin.Do(http.MethodPost, path+"/reactivate", nil).Want(k, 200)
		toOwners(k, k.Mailed(sent+2, 2), "Your practice on PazPaz is active again", "המרפאה שלך ב-PazPaz פעילה שוב")
		admin.Do(http.MethodPost, path+"/reactivate", nil).Want(k, 409)
		k.Mailed(sent+4, 0)

		closing := fields{"name": "Test Workspace 1", "reason": "Unpaid for long"}
		admin.Do(http.MethodDelete, path, closing).Want(k, 200)
		k.Mailed(sent+4, 0) // a deletion is agreed upon
		admin.Do(http.MethodPost, path+"/reactivate", nil).Want(k, 200)
		k.Mailed(sent+4, 2)
	})
}

func TestListedOwnersAreNotMailed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		k.RunJobs()
		sent := len(k.Outbox.Sent())
		admin.Do(http.MethodPost, practicePath(k.Workspace1)+"/suspend", fields{"reason": "Abuse"}).Want(k, 200)
		admin.Do(http.MethodPost, "/platform/blacklist", fields{"value": "user-1@example.com", "reason": "Abuse"}).Want(k, 201)
		k.Mailed(sent, 0)
		if n := k.DB.Count("select count(*) from jobs where state <> 'done'"); n != 0 {
			t.Errorf("%d jobs are left", n)
		}
	})
}

package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"pazpaz/internal/testkit"
)

// form is a good setup.
func form(token string) fields {
	return fields{
		"token": token, "practice_name": "First Practice", "full_name": "First Owner", "email": "Owner@Example.com",
		"time_zone": "Asia/Jerusalem", "locale": "he", "currency": "ILS",
	}
}

func setupToken(k *testkit.Kit) string {
	k.T.Helper()
	link, err := k.Auth.SetupLink()
	testkit.NoErr(k.T, err)
	_, token, _ := strings.Cut(link, "#token=")
	return token
}

func setUp(k *testkit.Kit, body any) *testkit.Response {
	k.T.Helper()
	res := k.Do(http.MethodPost, "/setup", nil, body)
	k.Declared(http.MethodPost, "/setup", res.Status)
	return res
}

func wantOpen(k *testkit.Kit, open bool) {
	k.T.Helper()
	if got := k.Get("/setup", nil).Want(k, 200).Map(k)["open"]; got != open {
		k.T.Fatalf("open is %v, want %v", got, open)
	}
}

func TestSetupSignsTheFirstOwnerIn(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		wantOpen(k, true)
		b := k.NewBrowser()
		token := setupToken(k)
		got := b.Do(http.MethodPost, "/setup", form(token)).Want(k, 201).Map(k)
		k.Declared(http.MethodPost, "/setup", 201)
		u, w := got["user"].(fields), got["workspace"].(fields)
		text := fmt.Sprint(u["email"], " ", u["full_name"], " ", u["role"], " ", u["locale"], " ", w["name"], " ", w["time_zone"], " ", w["currency"], " ", w["week_start"])
		if text != "owner@example.com First Owner owner he First Practice Asia/Jerusalem ILS sunday" {
			t.Errorf("got %s", text)
		}
		wantOpen(k, false)
		b.Do(http.MethodPost, "/clients", calls["POST /clients"].body).Want(k, 201)
		for _, again := range []string{token, "wrong", setupToken(k)} {
			if res := setUp(k, form(again)).WantCode(k, 409, "setup_done"); len(res.Cookies()) != 0 {
				t.Error("cookies were set")
			}
		}
		if n := k.DB.Count("select count(*) from workspaces"); n != 1 {
			t.Fatalf("%d workspaces", n)
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{token, "Owner", "owner@", "First Practice"})
	})
}

// The language of the page says nothing of where the practice is; its zone does.
func TestSetupFollowsTheCustomOfTheZone(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		body := form(setupToken(k))
		body["locale"] = "en"
		delete(body, "currency")
		made := setUp(k, body).Want(k, 201).Map(k)["workspace"].(fields)
		if made["locale"] != "en" || made["week_start"] != "sunday" || made["currency"] != "ILS" {
			t.Errorf("made %v", made)
		}
		if got := k.DB.Rows("select week_start, currency from workspaces")[0]; got[0] != "sunday" || got[1] != "ILS" {
			t.Errorf("stored %v", got)
		}
	})
}

func TestSetupIsClosedWhereAPracticeExists(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		wantOpen(k, false)
		before := k.DB.Count("select count(*) from workspaces")
		for _, token := range []string{"wrong", setupToken(k)} {
			setUp(k, form(token)).WantCode(k, 409, "setup_done")
		}
		if n := k.DB.Count("select count(*) from workspaces"); n != before {
			t.Fatalf("%d workspaces, %d before", n, before)
		}
	})
}

func TestSetupWithAWrongTokenOrField(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		token := setupToken(k)
		for want, change := range map[string]fields{
			"401 link_invalid":         {"token": "wrong"},
			"401 link_invalid ":        {"token": ""},
			"401 link_invalid  ":       {"token": token + "x"},
			"422 body.practice_name":   {"practice_name": " \t\u00a0 "},
			"422 body.practice_name ":  {"practice_name": ""},
			"422 body.practice_name  ": {"practice_name": "zzcanary\u0000"},
			"422 body.full_name":       {"full_name": "\u2003\u2003"},
			"422 body.full_name ":      {"full_name": "zzcanary\u0007"},
			"422 body.full_name  ":     {"full_name": strings.Repeat("zzcanary", 40)},
			"422 body.email":           {"email": "zzcanary"},
			"422 body.time_zone":       {"time_zone": "zzcanary/Phobos"},
			"422 body.time_zone ":      {"time_zone": "/etc/localtime"},
			"422 body.currency":        {"currency": "zzcanary"},
			"422 body.locale":          {"locale": "zzcanary"},
			"422 body.token":           {"token": 7},
			"422 body.unknown":         {"zzcanary": 1},
		} {
			body := form(token)
			maps.Copy(body, change)
			res := setUp(k, body)
			if got := fmt.Sprint(res.Status, " ", string(res.Body)); !strings.HasPrefix(got, want[:3]) || !strings.Contains(got, strings.Fields(want)[1]) {
				t.Errorf("%v: %s, want %s", change, got, want)
			}
			wantNoneOf(t, "the answer", res.Body, []string{"zzcanary", token})
		}
		wantOpen(k, true)
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{"zzcanary", token})
		setUp(k, form(token)).Want(k, 201)
	})
}

func TestOfTwentySetupsOverHTTPOneWins(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		token := setupToken(k)
		var all sync.WaitGroup
		statuses := make([]int, 20)
		for i := range statuses {
			all.Go(func() { statuses[i] = k.Do(http.MethodPost, "/setup", nil, form(token)).Status })
		}
		all.Wait()
		count := map[int]int{}
		for _, s := range statuses {
			count[s]++
		}
		if count[201] != 1 || count[409] != 19 {
			t.Fatalf("statuses %v", count)
		}
		for _, table := range []string{"workspaces", "users", "members", "auth_sessions"} {
			if n := k.DB.Count("select count(*) from " + table); n != 1 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

// A restart prints a new link; the old one is in a scrolled-away console.
func TestASecondStartMakesTheFirstLinkWorthless(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		first := setupToken(k)
		restarted := k.Process(nil, nil)
		second := setupToken(restarted)
		setUp(restarted, form(first)).WantCode(k, 401, "link_invalid")
		setUp(restarted, form(second)).Want(k, 201)
		setUp(k, form(first)).WantCode(k, 409, "setup_done")
		wantOpen(k, false)
	})
}

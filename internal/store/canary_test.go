package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// canaries are values that must be nowhere to be read. Those of text share a
// root that is found in any of them.
type canaries struct {
	k      *testkit.Kit
	root   string
	others []string // that cannot hold the root: numbers, dates, proofs
	forms  map[string][]byte
}

func newCanaries(k *testkit.Kit) *canaries {
	k.T.Helper()
	c := &canaries{k: k, root: "zqx" + hex.EncodeToString(testkit.RandomBytes(k.T, 5)), forms: map[string][]byte{}}
	c.look(c.root)
	return c
}

// text is a value that says where it was put.
func (c *canaries) text(field string) string { return c.root + field }

func (c *canaries) secret(value string) string {
	c.others = append(c.others, value)
	c.look(value)
	return value
}

// look adds the forms in which a value could be written.
func (c *canaries) look(value string) {
	raw := []byte(value)
	for form, b := range map[string][]byte{
		"plain": raw, "upper case": bytes.ToUpper(raw), "lower case": bytes.ToLower(raw),
		"hex": []byte(hex.EncodeToString(raw)), "UTF-16": utf16(raw), "base64": base64Core(raw, 0), "base64+1": base64Core(raw, 1), "base64+2": base64Core(raw, 2),
	} {
		c.forms[value+" as "+form] = b
	}
}

func utf16(raw []byte) []byte {
	var out []byte
	for _, b := range raw {
		out = append(out, b, 0)
	}
	return out
}

// base64Core is the part of the base64 of a value that does not depend on what
// stands around it, when shift bytes are left over in front.
func base64Core(raw []byte, shift int) []byte {
	whole := base64.StdEncoding.EncodeToString(append(make([]byte, shift), raw...))
	return []byte(whole[4 : len(whole)-4])
}

func (c *canaries) find(data []byte) (found []string) {
	for name, form := range c.forms {
		if bytes.Contains(data, form) {
			found = append(found, name)
		}
	}
	return found
}

// plant puts canaries into every text that a person can write, the way people
// do it: over HTTP.
func (c *canaries) plant() {
	k := c.k
	k.T.Helper()
	email := c.text("user") + "@example.com"
	member := model.User{
		ID: uuid.New(), WorkspaceID: k.Workspace1.ID, Email: model.Text(email), FullName: model.Text(c.text("fullname")), Locale: "en", Role: model.Owner, Active: true,
	}
	err := k.Store.Platform(k.T.Context(), k.Store.PlatformScope(uuid.Nil), model.WorkspaceCreate, func(tx *store.PlatformTx) error { return tx.AddMember(member) })
	testkit.NoErr(k.T, err)
	b := k.NewBrowser()
	b.Header.Set("User-Agent", c.text("device"))
	m := b.AskLink(email)
	token, code := c.secret(k.LinkToken(m)), c.secret(k.LinkCode(m))
	b.Do(http.MethodPost, "/auth/code", map[string]any{"code": c.text("code")[:12]}).Want(k, 401)
	b.Do(http.MethodPost, "/auth/verify", map[string]any{"token": token}).Want(k, 200)
	b.Do(http.MethodPost, "/auth/code", map[string]any{"code": code}).Want(k, 401)
	b.Do(http.MethodPost, "/auth/magic-link", map[string]any{"email": c.text("stranger") + "@example.com"}).Want(k, 202)
	c.plantPeople(b)
	k.RunJobs()
	b.Do(http.MethodPost, "/auth/magic-link", map[string]any{"email": c.text("waiting") + "@example.com"}).Want(k, 202) // its job stays in the queue

	b.Do(http.MethodPut, "/workspace", map[string]any{"name": c.text("practice")}).Want(k, 200)
	phone, emergency, birth := c.secret("0509173648215"), c.secret("0387461920573"), c.secret("1899-11-23")
	client := map[string]any{
		"first_name": c.text("first"), "last_name": c.text("last"), "email": c.text("client") + "@example.com", "phone": phone, "date_of_birth": birth,
		"address": c.text("address"), "emergency_contact_name": c.text("emergency"), "emergency_contact_phone": emergency, "tags": []string{c.text("tag")},
		"medical_history": c.text("history"), "notes": c.text("notes"),
	}
	b.Header.Set("Idempotency-Key", c.text("key"))
	made := b.Do(http.MethodPost, "/clients", client).Want(k, 201).Map(k)
	b.Header.Del("Idempotency-Key")
	at := "/clients/" + fmt.Sprint(made["id"])
	b.Do(http.MethodPut, at, map[string]any{"notes": c.text("newnotes"), "version": 1}).Want(k, 200)
	b.Do(http.MethodPut, at, map[string]any{"notes": c.text("stale"), "version": 1}).Want(k, 409)
	b.Do(http.MethodPut, at, map[string]any{"no_" + c.text("field"): 1}).Want(k, 422)
	b.Do(http.MethodPost, "/clients", `{"first_name": "`+c.text("malformed")).Want(k, 400)
	b.Do(http.MethodGet, "/clients?search="+c.text("search"), nil)
	b.Do(http.MethodGet, "/clients/"+c.text("path"), nil)
	b.Do(http.MethodPost, "/clients/duplicates", map[string]any{"email": c.text("duplicate") + "@example.com"}).Want(k, 200)
	consent := b.Do(http.MethodPost, at+"/consents", map[string]any{"kind": "data", "text_version": c.text("version"), "text": c.text("consent")}).Want(k, 201).Map(k)
	b.Do(http.MethodPost, at+"/consents/"+fmt.Sprint(consent["id"])+"/withdraw", nil).Want(k, 200)
	b.Header.Set("Content-Type", "text/csv")
	b.Do(http.MethodPost, "/clients/import", "first_name,last_name,"+c.text("column")+"\n"+c.text("imported")+","+c.text("imported")+",x\n").Want(k, 200)
	b.Header.Del("Content-Type")
	b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
	c.plantPractice(b, fmt.Sprint(made["id"]))
	b.Do(http.MethodDelete, at, nil).Want(k, 204)
	c.plantFactors(b, email)
}

// control is written where anybody may read it, to show that a search of that
// place would have found a canary.
const control = "zqxcontrol"

func (c *canaries) search(place string, data []byte, controlled bool) {
	c.k.T.Helper()
	for _, found := range c.find(data) {
		c.k.T.Errorf("%s holds %s", place, found)
	}
	if controlled && !bytes.Contains(data, []byte(control)) {
		c.k.T.Errorf("%s (%d bytes) does not even hold the control", place, len(data))
	}
}

func TestNothingPersonalIsReadableAtRest(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		c := newCanaries(k)
		var from string
		if k.Engine == "postgres" {
			from = k.DB.Rows("select pg_current_wal_insert_lsn()::text")[0][0]
		}
		c.plant()
		testkit.NoErr(t, k.DB.Exec("update workspaces set time_zone = '"+control+"' where id = $1", k.Workspace2.ID.String()))
		if k.DB.Count("select count(*) from clients") != 4 || k.DB.Count("select count(*) from consents") != 1 || k.DB.Count("select count(*) from jobs where state = 'ready'") != 1 {
			t.Fatal("the canaries were not planted")
		}
		for _, column := range store.SealedColumns {
			if k.DB.Count("select count(*) from "+column.Table+" where "+column.Column+" is not null") == 0 {
				t.Errorf("nothing was planted into %s.%s", column.Table, column.Column)
			}
		}
		c.search("the log", []byte(k.Log.String()), false)
		if !strings.Contains(k.Log.String(), "/clients") {
			t.Error("nothing was logged")
		}
		if k.Engine == "sqlite" {
			c.searchSQLite()
		} else {
			c.searchPostgres(from)
		}
	})
}

func (c *canaries) searchSQLite() {
	k := c.k
	k.T.Helper()
	path := strings.TrimPrefix(k.URL, "sqlite:")
	log, err := os.ReadFile(path + "-wal")
	testkit.NoErr(k.T, err)
	c.search("the write-ahead log", log, true)
	copied := filepath.Join(k.T.TempDir(), "copy.db")
	testkit.NoErr(k.T, k.DB.Exec("vacuum into '"+copied+"'"))
	testkit.NoErr(k.T, k.DB.Exec("pragma wal_checkpoint(full)"))
	for place, name := range map[string]string{"the database": path, "a copy": copied} {
		data, err := os.ReadFile(name)
		testkit.NoErr(k.T, err)
		c.search(place, data, true)
	}
}

func (c *canaries) searchPostgres(from string) {
	k := c.k
	k.T.Helper()
	tables := k.DB.Rows("select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")
	var all bytes.Buffer
	for _, table := range tables {
		for _, row := range k.DB.Rows("select t::text from " + table[0] + " t") {
			fmt.Fprintln(&all, table[0], row[0])
		}
	}
	c.search("the tables", all.Bytes(), true)
	if tool, err := exec.LookPath("pg_dump"); err == nil {
		dump, err := exec.CommandContext(k.T.Context(), tool, "--dbname="+superURLOf(k)).Output()
		testkit.NoErr(k.T, err)
		c.search("a dump", dump, true)
	}
	// The files themselves, where this user may read them.
	dir := k.DB.Rows("show data_directory")[0][0]
	testkit.NoErr(k.T, k.DB.Exec("checkpoint"))
	oid := k.DB.Rows("select oid::text from pg_database where datname = current_database()")[0][0]
	if data, ok := readAll(filepath.Join(dir, "base", oid, "*")); ok {
		c.search("the database's files", data, true)
	}
	segments := k.DB.Rows(`select distinct pg_walfile_name($1::pg_lsn + n * 16777216::bigint) from generate_series(0, 1000) n
		where $1::pg_lsn + n * 16777216::bigint <= pg_current_wal_insert_lsn() + 16777215`, from)
	var log []byte
	for _, s := range segments {
		data, ok := readAll(filepath.Join(dir, "pg_wal", s[0]))
		if log = append(log, data...); !ok {
			return
		}
	}
	c.search("the write-ahead log", log, true)
}

// readAll is the content of the files that match, one after the other; ok is
// false when there are none to be read.
func readAll(pattern string) (data []byte, ok bool) {
	names, _ := filepath.Glob(pattern)
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, false
		}
		data = append(data, b...)
	}
	return data, len(names) > 0
}

package store_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var word = regexp.MustCompile(`'[^']*'|\$\d+|[a-z_][a-z0-9_.]*|<>|[<>]=|[^\s]`)

// words cuts SQL into words and signs, in lower case.
func words(text string) []string { return word.FindAllString(strings.ToLower(text), -1) }

// use is one appearance of a table in a statement.
type use struct {
	verb         string // select, insert, update or delete
	table, alias string
	at           int // index of the table's word
}

// notAlias are words that may follow a table's name.
var notAlias = []string{"where", "on", "join", "left", "inner", "order", "group", "limit", "set", "values", "returning", "using", "for", "as", "and", ")", "(", ",", ";"}

// uses lists the tables of a statement with the names they go by.
func uses(w []string) []use {
	var all []use
	for i := 0; i+1 < len(w); i++ {
		verb := map[string]string{"from": "select", "join": "select", "into": "insert", "update": "update"}[w[i]]
		if verb == "" || (w[i] == "update" && i > 0 && w[i-1] == "for") {
			continue
		}
		if w[i] == "from" && i > 0 && w[i-1] == "delete" {
			verb = "delete"
		}
		if w[i+1] == "(" {
			continue // a select of its own
		}
		u := use{verb: verb, table: w[i+1], alias: w[i+1], at: i + 1}
		if i+2 < len(w) && !slices.Contains(notAlias, w[i+2]) {
			u.alias = w[i+2]
		}
		all = append(all, u)
		if w[i] != "from" {
			continue
		}
		for j := i + 2; j+1 < len(w) && w[j] == ","; j += 2 { // from a, b
			all = append(all, use{verb: verb, table: w[j+1], alias: w[j+1], at: j + 1})
		}
	}
	return all
}

// block is a select, or another statement, without the selects inside of it.
type block struct {
	words []string
	inner []block
}

// blockOf reads a block up to its closing bracket, and returns what follows.
func blockOf(w []string) (b block, rest []string) {
	depth := 0
	for len(w) > 0 {
		if w[0] == "(" && len(w) > 1 && w[1] == "select" {
			inner, after := blockOf(w[1:])
			b.inner, b.words, w = append(b.inner, inner), append(b.words, "(", ")"), after
			continue
		}
		switch w[0] {
		case "(":
			depth++
		case ")":
			if depth--; depth < 0 {
				return b, w[1:]
			}
		}
		b.words, w = append(b.words, w[0]), w[1:]
	}
	return b, nil
}

// unbound returns what is wrong with a statement: each use of a tenant table
// must be bound to the workspace, which is $1.
func unbound(text string) []string {
	w := words(text)
	b, _ := blockOf(w)
	wrong := b.unbound(map[string]bool{})
	if strings.Contains(text, " or ") && len(wrong) == 0 && tenant(uses(w)) {
		wrong = append(wrong, "or: write it so that no reader has to wonder about precedence")
	}
	return wrong
}

// unbound judges a block; outside are the names that the blocks around it have
// bound.
func (b block) unbound(outside map[string]bool) (wrong []string) {
	all := uses(b.words)
	bound := boundAliases(b.words, all, outside)
	for _, u := range all {
		switch {
		case !isTenant(u.table):
		case u.verb == "insert":
			if !insertsWorkspace(b.words[u.at:]) {
				wrong = append(wrong, "insert into "+u.table+" does not begin with workspace_id and $1")
			}
		case !bound[u.alias]:
			wrong = append(wrong, u.table+" as "+u.alias+" is not bound to $1")
		}
	}
	for _, inner := range b.inner {
		wrong = append(wrong, inner.unbound(bound)...)
	}
	return wrong
}

func tenant(all []use) bool {
	return slices.ContainsFunc(all, func(u use) bool { return isTenant(u.table) })
}

// boundAliases are the names whose workspace_id is compared with $1, or with
// the workspace_id of another bound name, of the blocks around it too.
func boundAliases(w []string, all []use, outside map[string]bool) map[string]bool {
	bound := maps.Clone(outside)
	for _, u := range all {
		delete(bound, u.alias) // it hides the name outside
	}
	for range len(all) + 1 {
		for i := 0; i+2 < len(w); i++ {
			if w[i+1] != "=" || (i > 0 && w[i-1] == "not") || (i > 0 && w[i-1] == "set") {
				continue
			}
			left, right := w[i], w[i+2]
			for _, pair := range [][2]string{{left, right}, {right, left}} {
				alias, column := owner(pair[0], all)
				if column != "workspace_id" {
					continue
				}
				other, otherColumn := owner(pair[1], all)
				if pair[1] == "$1" || (otherColumn == "workspace_id" && bound[other]) {
					bound[alias] = true
				}
			}
		}
	}
	return bound
}

// owner splits a column into the alias it belongs to and its name. A bare name
// belongs to the only table; with several tables it belongs to none.
func owner(column string, all []use) (alias, name string) {
	if a, n, ok := strings.Cut(column, "."); ok {
		return a, n
	}
	if len(all) > 0 && (len(all) == 1 || all[0].verb != "select") {
		return all[0].alias, column // the target of an update or delete
	}
	return "", column
}

func insertsWorkspace(w []string) bool {
	at := slices.Index(w, "values")
	return len(w) > 2 && w[1] == "(" && w[2] == "workspace_id" && at > 0 && at+2 < len(w) && w[at+1] == "(" && w[at+2] == "$1"
}

func TestEveryTenantStatementIsBoundToTheWorkspace_ASVS_1_2_4(t *testing.T) {
	t.Parallel()
	for _, s := range tenantStatements(t) {
		for _, wrong := range unbound(s.text) {
			t.Errorf("%s: %s:\n%s", s.at, wrong, s.text)
		}
	}
}

func TestStatementCheckFindsBadOnesAndPassesGoodOnes(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"select id from clients where id = $1",
		"select id from clients",
		"select id from clients where workspace_id = $2 and id = $1",
		"select id from clients where workspace_id <> $1",
		"select id from clients where not workspace_id = $1",
		"select id from clients where workspace_id = $1 or archived_at is null",
		"select c.id from clients c where c.id = $1",
		"select c.id from clients c join consents k on k.client_id = c.id where c.workspace_id = $1",
		"select c.id from clients c join consents k on k.workspace_id = c.workspace_id where k.id = $2 and $1 = $1",
		"select id from clients where workspace_id = $1 and exists (select 1 from consents where client_id = $2)",
		"select id from clients, consents where workspace_id = $1",
		"select 1 from workspaces w join clients c on c.id = $2 where w.id = $1",
		"update clients set workspace_id = $1 where id = $2",
		"update clients set contact = $2 where id = $3",
		"delete from idempotency_keys where created_at <= $1",
		"delete from idempotency_keys",
		"insert into clients (id, workspace_id) values ($1, $2)",
		"insert into clients (workspace_id, id) values ($2, $1)",
		"insert into audit_events select * from audit_events where workspace_id = $1",
		"SELECT id FROM Clients WHERE id = $1",
		"select count(*) from (select id from appointments where service_id = $1 limit 1) used",
		"select (select count(*) from clients where workspace_id = $1) + (select count(*) from consents)",
		"select c.id from clients c where c.workspace_id = $1 and exists (select 1 from consents c where c.client_id = $2)",
		"select c.id from clients c where c.id = $1 and exists (select 1 from consents k where k.workspace_id = c.workspace_id)",
	} {
		if len(unbound(bad)) == 0 {
			t.Errorf("passed: %s", bad)
		}
	}
	for _, good := range []string{
		"select id from clients where workspace_id = $1 and id = $2",
		"select id from clients where id = $2 and $1 = workspace_id",
		"select c.id from clients c join consents k on k.workspace_id = c.workspace_id and k.client_id = c.id where c.workspace_id = $1",
		"update clients set contact = $3 where workspace_id = $1 and id = $2 returning version",
		"delete from idempotency_keys where workspace_id = $1 and created_at <= $2",
		"insert into clients (workspace_id, id) values ($1, $2)",
		"select 1 from workspaces limit 1",
		"select count(*) from (select id from appointments where workspace_id = $1 and service_id = $2 limit 1) used",
		"select (select count(*) from clients where workspace_id = $1) + (select count(*) from consents where workspace_id = $1)",
		"select c.id from clients c where c.workspace_id = $1 and exists (select 1 from consents k where k.workspace_id = c.workspace_id and k.client_id = c.id)",
		"update jobs set state = $2 where id = $1 or id = $3",
	} {
		if wrong := unbound(good); len(wrong) != 0 {
			t.Errorf("refused %s: %v", good, wrong)
		}
	}
}

// The extraction itself must not overlook statements.
func TestStatementsAreFound(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, s := range statements(t, "testdata/statements") {
		found[s.text] = true
	}
	for _, want := range []string{
		"select id from clients where workspace_id = $1",
		"select id, contact from clients where workspace_id = $1",
		"select id from clients where workspace_id = $1 and id in ($2, $3)",
		"update clients set rev = $2 where workspace_id = $1",
		"delete from clients where workspace_id = $1",
		"insert into clients (workspace_id) values ($1)",
		"with x as (select 1) select * from x",
		"select … from clients",
		"select id from clients where workspace_id = $1 and id = $2",
		"delete from consents where workspace_id = $1 and id in ($2, $3) and rev = $4",
	} {
		if !found[want] {
			t.Errorf("not found: %s", want)
		}
		delete(found, want)
	}
	for text := range found {
		t.Errorf("found as well: %s", text)
	}
}

package store_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// statement is a piece of SQL in the sources of this package.
type statement struct {
	at   string // file and line
	text string // parts that are put in at run time are "$2, $3" or "…"
}

var sqlStart = regexp.MustCompile(`(?is)^\s*(select|insert|update|delete|with)\b.*`)

// statements returns the SQL of the Go files in dir, tests left out: string
// constants, and expressions that are put together from them.
func statements(t *testing.T, dir string) []statement {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	consts := map[string]ast.Expr{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				for i, name := range v.Names {
					if i < len(v.Values) {
						consts[name.Name] = v.Values[i]
					}
				}
			}
			return true
		})
	}
	var all []statement
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := fold(e, consts)
			if !ok {
				return true
			}
			if sqlStart.MatchString(text) && strings.Contains(text, " ") && !strings.HasSuffix(text, "(") { // a beginning is no statement yet
				p := fset.Position(e.Pos())
				all = append(all, statement{fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line), text})
			}
			return false // its parts are not statements of their own
		})
	}
	return all
}

// fold is the text of an expression of strings; ok is false when it is none.
func fold(e ast.Expr, consts map[string]ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, ok := fold(e.X, consts)
		if name, isName := e.X.(*ast.Ident); isName && consts[name.Name] != nil {
			left, ok = fold(consts[name.Name], consts)
		}
		if !ok {
			return "", false
		}
		return left + foldPart(e.Y, consts), true
	case *ast.ParenExpr:
		return fold(e.X, consts)
	}
	return "", false
}

// foldPart is the text of what is added to a string.
func foldPart(e ast.Expr, consts map[string]ast.Expr) string {
	if text, ok := fold(e, consts); ok {
		return text
	}
	switch e := e.(type) {
	case *ast.Ident:
		if value, ok := consts[e.Name]; ok {
			return foldPart(value, consts)
		}
	case *ast.CallExpr: // placeholders(from, n)
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "placeholders" {
			if from, ok := e.Args[0].(*ast.BasicLit); ok {
				n, _ := strconv.Atoi(from.Value)
				return fmt.Sprintf("$%d, $%d", n, n+1)
			}
		}
	}
	return "…"
}

// tenantTables hold the records of workspaces.
var tenantTables = []string{
	"clients", "consents", "appointments", "audit_events", "audit_heads", "idempotency_keys",
	"services", "locations", "appointment_series", "sessions", "session_versions", "note_templates",
}

// tenantStatements are those that touch a tenant table. What is put in at run
// time only narrows them down, and is left out.
func tenantStatements(t *testing.T) []statement {
	t.Helper()
	var all []statement
	for _, s := range statements(t, ".") {
		for _, u := range uses(words(s.text)) {
			if isTenant(u.table) {
				s.text = strings.NewReplacer("limit …", "limit 7", "…", " ").Replace(s.text)
				all = append(all, s)
				break
			}
		}
	}
	if len(all) < 80 {
		t.Fatalf("only %d statements were found; the search is broken", len(all))
	}
	return all
}

func isTenant(table string) bool {
	for _, name := range tenantTables {
		if table == name {
			return true
		}
	}
	return false
}

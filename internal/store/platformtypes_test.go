package store_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// harmless are the types of model that hold no health data. What the operator,
// sign-in and the list of members work with may name no others.
var harmless = []reflect.Type{
	reflect.TypeFor[model.User](), reflect.TypeFor[model.Workspace](), reflect.TypeFor[model.Member](), reflect.TypeFor[model.Invitation](),
	reflect.TypeFor[model.BlacklistEntry](), reflect.TypeFor[model.Action](), reflect.TypeFor[model.Text](), reflect.TypeFor[model.Role](),
	reflect.TypeFor[model.Factor](), reflect.TypeFor[model.Factors](), reflect.TypeFor[model.ManagedWorkspace](), reflect.TypeFor[model.ServerEvent](),
	reflect.TypeFor[model.ServerMetrics](),
}

// named lists the types of model that a type is made of.
func named(typ reflect.Type, seen map[reflect.Type]bool) (all []reflect.Type) {
	if seen[typ] {
		return nil
	}
	seen[typ] = true
	if strings.HasSuffix(typ.PkgPath(), "/model") {
		return []reflect.Type{typ}
	}
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return named(typ.Elem(), seen)
	case reflect.Map:
		return append(named(typ.Key(), seen), named(typ.Elem(), seen)...)
	case reflect.Func:
		for i := range typ.NumIn() {
			all = append(all, named(typ.In(i), seen)...)
		}
		for i := range typ.NumOut() {
			all = append(all, named(typ.Out(i), seen)...)
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			if typ.Field(i).IsExported() {
				all = append(all, named(typ.Field(i).Type, seen)...)
			}
		}
	}
	return all
}

// reaching lists the methods of a type that name health data.
func reaching(typ reflect.Type) (methods []string) {
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		fn := m.Func.Type()
		for n := 1; n < fn.NumIn(); n++ {
			methods = append(methods, strange(m.Name, fn.In(n))...)
		}
		for n := range fn.NumOut() {
			methods = append(methods, strange(m.Name, fn.Out(n))...)
		}
	}
	return methods
}

func strange(method string, typ reflect.Type) (all []string) {
	for _, t := range named(typ, map[reflect.Type]bool{}) {
		if !slices.Contains(harmless, t) {
			all = append(all, method+" names "+t.Name())
		}
	}
	return all
}

func TestOperatorHasNoMethodThatReachesARecord(t *testing.T) {
	t.Parallel()
	for _, typ := range []reflect.Type{reflect.TypeFor[*store.PlatformTx](), reflect.TypeFor[*store.MemberTx](), reflect.TypeFor[*store.IdentityTx]()} {
		if typ.NumMethod() < 5 {
			t.Errorf("%s has only %d methods", typ, typ.NumMethod())
		}
		for _, found := range reaching(typ) {
			t.Errorf("%s: %s", typ, found)
		}
	}
	if len(reaching(reflect.TypeFor[*store.Tx]())) < 20 {
		t.Error("the check finds nothing where there is much to find")
	}
}

// peopleFiles hold the statements of the operator, of sign-in and of members.
var peopleFiles = []string{"platform", "blacklist", "members", "invitation", "identity", "signin", "authsessions", "factors", "challenges", "passkeys"}

// Their statements name no table with records of a practice either.
func TestOperatorsStatementsNameNoRecords(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, s := range statements(t, ".") {
		if !slices.ContainsFunc(peopleFiles, func(file string) bool { return strings.HasPrefix(s.at, file) }) {
			continue
		}
		looked++
		for _, u := range uses(words(s.text)) {
			if slices.Contains(tenantTables, u.table) && u.table != "audit_events" {
				t.Errorf("%s names %s", s.at, u.table)
			}
		}
	}
	if looked < 60 {
		t.Errorf("only %d statements were looked at", looked)
	}
}

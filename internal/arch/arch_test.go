// Package arch_test holds the architecture: which room may import which, where SQL, HTTP, the clock and chance may be
// used, and how long a function and a file may be. It has no other code, and each check is shown to fail on testdata.
package arch_test

import "testing"

// room is what one package may use besides the standard library.
type room struct {
	ours      []string // other rooms
	libraries []string // modules; a package of a listed module is allowed too
}

const (
	crypto  = "golang.org/x/crypto"
	sync    = "golang.org/x/sync"
	text    = "golang.org/x/text"
	uuid    = "github.com/google/uuid"
	pgx     = "github.com/jackc/pgx/v5"
	sqlite  = "modernc.org/sqlite"
	reading = "zombiezen.com/go/sqlite"
	rrule   = "github.com/teambition/rrule-go"
	anyRoom = "*" // and any library
)

// rooms is the architecture document. api translates, practice decides, store remembers; everything below them knows
// less. A room that is not listed here fails, so a new one is a decision and not an accident.
var rooms = map[string]room{
	"cmd/pazpaz": {ours: []string{"cli"}},

	"model":  {libraries: []string{uuid, text}},
	"crypt":  {libraries: []string{uuid, crypto}},
	"audit":  {libraries: []string{uuid}},
	"config": {},

	"calendar": {ours: []string{"model"}, libraries: []string{rrule}},

	"kv":   {libraries: []string{"github.com/redis/go-redis/v9"}},
	"blob": {libraries: []string{"github.com/minio/minio-go/v7"}},
	"mail": {libraries: []string{"github.com/wneessen/go-mail", text}},
	"scan": {},

	"store":    {ours: []string{"model", "crypt", "audit"}, libraries: []string{uuid, pgx, sqlite, reading, sync, text}},
	"auth":     {ours: []string{"store", "kv", "mail", "model", "crypt", "config"}, libraries: []string{uuid, crypto, "github.com/golang-jwt/jwt/v5", "github.com/go-webauthn/webauthn", "rsc.io/qr"}},
	"practice": {ours: []string{"store", "blob", "scan", "calendar", "model"}, libraries: []string{uuid, sync, text}},
	"platform": {ours: []string{"store", "model"}, libraries: []string{uuid}},
	"jobs":     {ours: []string{"store", "mail", "practice", "model"}, libraries: []string{uuid}},
	"ops":      {ours: []string{"store", "blob", "crypt", "audit", "model"}, libraries: []string{uuid, sync}},
	"api":      {ours: []string{"practice", "platform", "auth", "model", "store"}, libraries: []string{uuid, "github.com/danielgtaylor/huma/v2", "github.com/go-json-experiment/json"}},
	"web":      {},

	"arch":    {}, // this package: tests only
	"cli":     {ours: []string{anyRoom}},
	"testkit": {ours: []string{anyRoom}},
}

// Places where one thing may be used and no other room may. Tests are free, but nothing else imports testkit.
var (
	mayUseSQL      = []string{"store", "jobs", "testkit"}
	mayServeHTTP   = []string{"api", "auth", "web", "cli", "testkit"}
	mayCallHTTP    = []string{"blob"} // imports net/http, as a client only
	mayUseTheClock = []string{"cli", "testkit"}
	mayUseChance   = []string{"cli", "testkit"}

	// apiMayName is all that api may say of store: it hands a scope on and never opens a transaction.
	apiMayName = []string{"Scope", "PlatformScope"}
)

func TestRooms(t *testing.T) {
	for _, f := range checkRooms(t, "../..") {
		t.Error(f)
	}
}

func TestRoomsCheckFails(t *testing.T) {
	wantFindings(t, "testdata/rooms", checkRooms(t, "testdata/rooms"))
}

func TestSizes(t *testing.T) {
	m := measure(t, "../..")
	t.Logf("%d functions, median %d lines; %d files, median %d lines", len(m.funcs), median(m.funcs), len(m.files), median(m.files))
	t.Logf("tests: %d functions, median %d lines; %d files, median %d lines",
		len(m.testFuncs), median(m.testFuncs), len(m.testFiles), median(m.testFiles))
	for _, f := range m.findings(limits, longerByDecision) {
		t.Error(f)
	}
}

func TestSizesCheckFails(t *testing.T) {
	small := sizes{function: 3, file: 10, testFunction: 4, testFile: 12}
	excused := map[string]string{
		"internal/model/model.go:table": "a table",
		"internal/model/small.go":       "it was long once",
	}
	wantFindings(t, "testdata/sizes", measure(t, "testdata/sizes").findings(small, excused))
}

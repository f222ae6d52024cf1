package cli_test

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"pazpaz/internal/testkit"
)

// openKeys is how many data keys a process holds open, the system's included.
func (n *node) openKeys() int {
	n.t.Helper()
	_, text := metricsOf(n.t, n.metrics, "/metrics", n.metrics)
	found := regexp.MustCompile(`(?m)^pazpaz_open_data_keys (\d+)$`).FindStringSubmatch(text)
	if found == nil {
		n.t.Fatalf("no open keys in %s", text)
	}
	keys, err := strconv.Atoi(found[1])
	testkit.NoErr(n.t, err)
	return keys
}

// When one process destroys the key of a practice, the others forget it.
func TestDestroyedKeyIsForgottenByAllProcesses(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) { destroyed(t, f, func() {}, func() {}) })
}

// Who could not be told while Redis was away forgets it when Redis is back.
func TestDestroyedKeyIsForgottenAfterRedisWasAway(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) { destroyed(t, f, f.redis.Shut, f.redis.Open) })
}

func destroyed(t *testing.T, f *fleet, before, after func()) {
	one := f.start("--demo")
	two := f.start()
	p := newPerson(t)
	p.signIn(one, one.addr)
	for _, n := range []*node{one, two} {
		eventually(t, "the system's key and the practice's are open", func() bool { // a process that begins to listen forgets all
			p.do(200, http.MethodGet, n.addr, "/api/v1/clients", "")
			return n.openKeys() == 2
		})
	}
	before()
	testkit.NoErr(t, f.db.Exec("update workspaces set status = 'deleted', status_reason = '', status_at = created_at, shred_at = created_at"))
	three := f.start() // it shreds what is due when it starts
	eventually(t, "the key is destroyed", func() bool { return f.db.Count("select count(*) from data_keys") == 1 })
	after()
	for _, n := range []*node{one, two, three} {
		eventually(t, "a process has forgotten the key", func() bool { return n.openKeys() == 1 })
	}
}

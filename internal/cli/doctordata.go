package cli

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"pazpaz/internal/config"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// database looks at the database and then, where nothing would be changed by
// it, at what is in it.
func (d *doctor) database(ctx context.Context) {
	before := d.env.Now()
	l, err := store.Inspect(ctx, store.Options{URL: d.cfg.DatabaseURL.Reveal(), OwnerURL: d.cfg.DatabaseOwnerURL.Reveal()})
	switch {
	case err != nil:
		d.say(problem, "database", "%v: without it nothing can be read or saved", err)
		return
	case !l.Exists:
		d.say(warning, "database", "there is none yet: the first start makes it")
		return
	}
	d.say(well, "database", "%s %s answers", l.Engine, l.Version)
	if !l.At.IsZero() {
		d.skew("database", l.At, before, d.env.Now())
		d.walls(l)
	}
	if d.schema(l) && d.masters != nil {
		d.content(ctx)
	}
}

// schema says whether the program and the tables belong together.
func (d *doctor) schema(l store.Look) bool {
	switch {
	case l.Schema != nil:
		d.say(problem, "schema", "%v: start the version that made it, or restore the copy from before the upgrade", l.Schema)
	case l.Steps < l.Known:
		d.say(warning, "schema", "%d of %d steps have run: the next start, or pazpaz migrate, runs the others", l.Steps, l.Known)
	default:
		d.say(well, "schema", "is up to date, step %d", l.Steps)
		return true
	}
	return false
}

// walls looks at what keeps practices apart in PostgreSQL, whatever a program
// asks for.
func (d *doctor) walls(l store.Look) {
	switch {
	case l.Strong:
		d.say(warning, "database", "the user %s is above row-level security; serving gives that up, but let PAZPAZ_DATABASE_URL name a plain user", l.User)
	case l.Owns > 0:
		d.say(warning, "database", "the user %s owns %d tables and could change them: let another one serve, and set PAZPAZ_DATABASE_OWNER_URL", l.User, l.Owns)
	case !l.Member && l.Steps > 0:
		d.say(warning, "database", "the user %s may not take the role pazpaz_app yet: the next start with PAZPAZ_DATABASE_OWNER_URL lets it", l.User)
	default:
		d.say(well, "database", "the user %s owns nothing and is under row-level security", l.User)
	}
	if len(l.Unguarded) > 0 {
		d.say(problem, "database", "row-level security is off for %s: alter table ... force row level security", strings.Join(l.Unguarded, ", "))
	}
	if !l.Encrypted && !nearby(d.cfg.DatabaseURL) {
		d.say(warning, "database", "the connection is not encrypted: add sslmode=verify-full to PAZPAZ_DATABASE_URL")
	}
}

// nearby says that a connection does not leave this machine.
func nearby(address config.Secret) bool {
	u, err := url.Parse(address.Reveal())
	return err == nil && (u.Hostname() == "" || loopback(u.Hostname()))
}

// content opens the database with its keys, as serving does.
func (d *doctor) content(ctx context.Context) {
	env := d.env
	env.Ctx = ctx
	a, err := openData(env)
	if err != nil {
		d.say(problem, "master key", "%v", err)
		return
	}
	d.keysInUse(ctx, a)
	d.jobs(ctx, a)
	d.trail(ctx, a)
	if err := a.close(); err != nil {
		d.say(problem, "database", "%v", err)
	}
}

// keysInUse says which versions of the master key are needed.
func (d *doctor) keysInUse(ctx context.Context, a *app) {
	uses, err := a.store.MasterUses(ctx)
	if err != nil {
		d.say(problem, "master key", "%v", err)
		return
	}
	for _, u := range uses {
		if u.Version != a.masters.Current() {
			d.say(warning, "master key", "%d data keys still need v%d: run pazpaz keys rotate", u.Keys, u.Version)
		}
	}
	if len(uses) == 1 && len(a.masters.Versions()) == 1 {
		d.say(well, "master key", "v%d opens all %d data keys", uses[0].Version, uses[0].Keys)
	}
}

// lateJob is how long a job may be due while somebody works on the queue.
const lateJob = 5 * time.Minute

// jobs looks at the queue.
func (d *doctor) jobs(ctx context.Context, a *app) {
	counts, err := a.store.CountJobs(ctx)
	since, serr := a.store.OldestJob(ctx)
	if err = errors.Join(err, serr); err != nil {
		d.say(problem, "jobs", "%v", err)
		return
	}
	if n := counts["dead"]; n > 0 {
		d.say(warning, "jobs", "%d were given up in the last days: look at the log for \"job given up\"", n)
	}
	if late := d.env.Now().Sub(since); !since.IsZero() && late > lateJob {
		d.say(warning, "jobs", "%d wait, the first for %v: is a process serving, and does it reach the mail server?", counts["ready"], late.Round(time.Minute))
		return
	}
	d.say(well, "jobs", "%d wait, %d run", counts["ready"], counts["running"])
}

// trail looks at the audit chains and at what proves them outside of the
// database. It does not verify them: pazpaz audit verify does.
func (d *doctor) trail(ctx context.Context, a *app) {
	if loss, err := a.checkpointLoss(ctx); err != nil || loss != nil {
		d.say(problem, "audit", "%v: look who could write there, and verify the chains with the copies kept elsewhere", errors.Join(err, loss))
	}
	chains, err := a.store.Chains(ctx)
	if err != nil {
		d.say(problem, "audit", "%v", err)
		return
	}
	last, err := a.lastEvent(ctx, chains)
	if err != nil {
		d.say(problem, "audit", "%v", err)
		return
	}
	now := d.env.Now()
	if last.After(now.Add(maxSkew)) {
		d.say(warning, "audit", "%s", clockBehind(now, last))
	}
	info, err := os.Stat(a.checkpointFile().path)
	if err != nil || last.Sub(info.ModTime()) > 2*checkpointEvery {
		d.say(warning, "audit", "the last entries are not signed: a process that serves signs them every minute")
		return
	}
	d.say(well, "audit", "%d chains, the last checkpoint is %v old", len(chains), now.Sub(info.ModTime()).Round(time.Second))
}

// lastEvent is when the youngest entry of some chains was made.
func (a *app) lastEvent(ctx context.Context, chains []uuid.UUID) (last time.Time, err error) {
	for _, id := range chains {
		at, err := a.store.LastEvent(ctx, id)
		if err != nil {
			return last, err
		}
		if at.After(last) {
			last = at
		}
	}
	return last, nil
}

func clockBehind(now, last time.Time) string {
	return "the clock is " + last.Sub(now).Round(time.Second).String() + " behind the last audit entry: set it, or entries will seem to be older than they are"
}

package cli

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"pazpaz/internal/config"
	"pazpaz/internal/crypt"
	"pazpaz/internal/kv"
	"pazpaz/internal/mail"
)

// Free space of the data folder, in bytes, below which the doctor speaks.
const (
	littleSpace = 2 << 30
	noSpace     = 200 << 20
)

// folder looks at the data folder and the disk below it.
func (d *doctor) folder(context.Context) {
	info, err := os.Stat(d.cfg.DataDir)
	switch {
	case os.IsNotExist(err):
		d.say(warning, "data folder", "%s does not exist yet: the first start makes it", d.cfg.DataDir)
		return
	case err != nil || !info.IsDir():
		d.say(problem, "data folder", "%s is not a folder that can be used: set PAZPAZ_DATA_DIR", d.cfg.DataDir)
		return
	}
	if err := writable(d.cfg.DataDir); err != nil {
		d.say(problem, "data folder", "%v", err)
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		d.say(warning, "data folder", "other users of this machine may look into %s: chmod 700 it", d.cfg.DataDir)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(d.cfg.DataDir, &disk); err != nil {
		d.say(warning, "data folder", "its disk does not tell how full it is")
		return
	}
	free := uint64(disk.Bavail) * uint64(disk.Bsize) //nolint:gosec,unconvert // G115: never negative; the types differ between systems
	g, do := well, ""
	switch {
	case free < noSpace:
		g, do = problem, ": make room, nothing can be saved soon"
	case free < littleSpace:
		g, do = warning, ": make room"
	}
	d.say(g, "data folder", "%s can be written, %d MB are free%s", d.cfg.DataDir, free>>20, do)
}

// writable tries to write into a folder.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return fmt.Errorf("PAZPAZ_DATA_DIR: this user cannot write into %s: give it the right, or name another folder", dir)
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// masterKeys looks at the keys that open the records.
func (d *doctor) masterKeys(context.Context) {
	where := "ENCRYPTION_MASTER_KEY"
	var err error
	if d.cfg.MasterKey.IsSet() {
		d.masters, err = crypt.ParseMasters(d.cfg.MasterKey.Reveal())
	} else {
		where = strings.TrimPrefix(d.cfg.KeysURL, "file:")
		if !exists(where) && d.newDatabase() {
			d.say(warning, "master key", "there is none at %s yet: the first start makes it", where)
			return
		}
		if d.masters, err = crypt.LoadMasters(where); err == nil {
			err = private(where)
		}
	}
	if err != nil {
		d.masters = nil
		d.say(problem, "master key", "%v", err)
		return
	}
	d.say(well, "master key", "in %s, current is v%d; is there a copy offline?", where, d.masters.Current())
}

// newDatabase says that there is no embedded database yet, so that no key is
// missed.
func (d *doctor) newDatabase() bool {
	path, embedded := strings.CutPrefix(d.cfg.DatabaseURL.Reveal(), "sqlite:")
	return embedded && !exists(path)
}

// private refuses a key file that everybody on the machine can read.
func private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return fmt.Errorf("PAZPAZ_KEYS_URL: every user of this machine can use the key file %s: chmod 600 it", path)
	}
	return nil
}

// secretKey looks at the key that signs cookies.
func (d *doctor) secretKey(context.Context) {
	if d.cfg.SecretKey.IsSet() {
		d.signs("SECRET_KEY", d.cfg.OldSecretKey)
		return
	}
	path := secretPath(d.cfg)
	text, err := os.ReadFile(path) //nolint:gosec // G304: inside the data folder
	switch {
	case os.IsNotExist(err):
		d.say(warning, "secret key", "there is none at %s yet: the first start makes it", path)
		return
	case err != nil:
		d.say(problem, "secret key", "%s cannot be read", path)
		return
	}
	_, old, err := config.SecretKeys(string(text))
	if err != nil {
		d.say(problem, "secret key", "that in %s %v", path, err)
		return
	}
	d.signs(path, old)
	if !d.embedded() {
		d.say(warning, "secret key", "it is in this machine's data folder: several instances must share one, set SECRET_KEY")
	}
}

func (d *doctor) signs(where string, old config.Secret) {
	if old.IsSet() {
		d.say(well, "secret key", "in %s, with a former one: take that away after %v", where, d.cfg.SessionAbsolute)
		return
	}
	d.say(well, "secret key", "in %s", where)
}

// embedded says that the database is in the data folder: there is one process.
func (d *doctor) embedded() bool {
	return strings.HasPrefix(d.cfg.DatabaseURL.Reveal(), "sqlite:")
}

// address looks at how people reach the product.
func (d *doctor) address(ctx context.Context) {
	for _, w := range addressWarnings(d.cfg) {
		d.say(warning, "address", "%s", w)
	}
	u, err := url.Parse(d.cfg.PublicURL)
	if err != nil || u.Scheme != "https" {
		d.say(well, "address", "%s, from this machine only", d.cfg.PublicURL)
		return
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	dialer := tls.Dialer{Config: &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		d.say(warning, "address", "%s does not answer from here (%v): look at the proxy and its certificate", d.cfg.PublicURL, err)
		return
	}
	defer c.Close() //nolint:errcheck // nothing was said
	end := c.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter
	if left := end.Sub(d.env.Now()); left < 14*24*time.Hour {
		d.say(warning, "address", "the certificate of %s ends in %d days: renew it", d.cfg.PublicURL, int(left.Hours()/24))
		return
	}
	d.say(well, "address", "%s answers, its certificate is good until %s", d.cfg.PublicURL, end.Format(time.DateOnly))
}

// addressWarnings are set-ups that work and are seldom meant. The start says
// them too.
func addressWarnings(c config.Config) (all []string) {
	https := strings.HasPrefix(c.PublicURL, "https://")
	if https && len(c.TrustedProxies) == 0 {
		all = append(all, "PAZPAZ_TRUSTED_PROXIES is empty, so everybody behind the proxy shares one limit on sign-in tries")
	}
	if host, _, err := net.SplitHostPort(c.Addr); err == nil && !https && !loopback(host) {
		all = append(all, "PAZPAZ_ADDR can be reached from other machines, but PAZPAZ_PUBLIC_URL is of this one: set the https address that people type")
	}
	if !strings.HasPrefix(c.DatabaseURL.Reveal(), "sqlite:") && c.RedisURL.Reveal() == "memory:" {
		all = append(all, "PAZPAZ_REDIS_URL is memory:, which is right for one process only: with several, limits on sign-in tries would count in each of them")
	}
	return all
}

// redis looks at the shared state.
func (d *doctor) redis(ctx context.Context) {
	address := d.cfg.RedisURL.Reveal()
	if address == "memory:" {
		d.say(well, "redis", "none: limits and live updates are in the process")
		return
	}
	before := d.env.Now()
	look, err := kv.LookAt(ctx, address)
	if err != nil {
		d.say(problem, "redis", "%v: work goes on without it, but each process counts tries for itself", err)
		return
	}
	d.say(well, "redis", "version %s answers", look.Version)
	d.skew("redis", look.At, before, d.env.Now())
}

// mail looks at the mail server, and sends one mail where that is wanted.
func (d *doctor) mail(ctx context.Context) {
	address, o := d.cfg.MailURL.Reveal(), mail.Options{From: d.cfg.MailFrom, Out: d.env.Stdout, Dir: filepath.Join(d.cfg.DataDir, "mail")}
	if address == "console:" {
		d.say(warning, "mail", "is printed and kept in %s, nobody gets it: set PAZPAZ_MAIL_URL", o.Dir)
		return
	}
	if d.found("mail", mail.Reach(ctx, address, o), "the server answers and takes the sign-in") && d.to != "" {
		d.sendMail(ctx, address, o)
	}
}

func (d *doctor) sendMail(ctx context.Context, address string, o mail.Options) {
	via, err := mail.Open(address, o)
	if err == nil {
		err = via.Send(ctx, mail.Message{
			ID: "doctor." + rand.Text(), To: d.to, Subject: "PazPaz can send mail", Date: d.env.Now(),
			Text: "This mail was sent by pazpaz doctor.\n",
		})
	}
	d.found("mail", err, "one was handed to the server: look whether it arrives, and not among the unwanted ones")
}

// checkpointCopies looks at where signed checkpoints are copied.
func (d *doctor) checkpointCopies(context.Context) {
	switch folder, isFolder := strings.CutPrefix(d.cfg.CheckpointsURL, "file://"); {
	case d.cfg.CheckpointsURL == "":
		d.say(warning, "checkpoints", "are kept in the data folder only, where who can change the records can change them too: set PAZPAZ_CHECKPOINTS_URL")
	case isFolder && writable(folder) != nil:
		d.say(problem, "checkpoints", "%s cannot be written: give this user the right, or change PAZPAZ_CHECKPOINTS_URL", folder)
	default:
		d.say(well, "checkpoints", "are copied to %s", d.cfg.CheckpointsURL)
	}
}

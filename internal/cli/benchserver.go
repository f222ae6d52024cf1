package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// benchServer is the product as a process of its own, so that its processor
// time and memory can be told from the load's.
type benchServer struct {
	cmd     *exec.Cmd
	started time.Duration
}

func freePort(ctx context.Context) (string, error) {
	l, err := listen(ctx, "127.0.0.1:0", "PAZPAZ_ADDR")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func startServer(env Env, addr string) (*benchServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find program: %w", err)
	}
	cmd := exec.CommandContext(env.Ctx, self, "serve") //nolint:gosec // G204: it is this program
	cmd.Env, cmd.Stderr = env.Environ, env.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = drainTimeout
	begin := env.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	s := &benchServer{cmd: cmd}
	for env.Now().Sub(begin) < 20*time.Second {
		if healthy(env.Ctx, addr) {
			s.started = env.Now().Sub(begin)
			return s, nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("bench: the server did not come up"), s.stop())
}

func healthy(ctx context.Context, addr string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

func (s *benchServer) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop server: %w", err)
	}
	if err := s.cmd.Wait(); err != nil && s.cmd.ProcessState.ExitCode() != 0 {
		return fmt.Errorf("stop server: %w", err)
	}
	return nil
}

func (s *benchServer) describe(env Env) {
	engine := "SQLite, durable (WAL, synchronous=FULL)"
	for _, e := range env.Environ {
		if strings.HasPrefix(e, "PAZPAZ_DATABASE_URL=postgres") {
			engine = "PostgreSQL"
		}
	}
	fmt.Fprintf(env.Stdout, "%s; start on an existing database %d ms; idle memory %.1f MB; binary %.1f MB\n",
		engine, s.started.Milliseconds(), s.memory(), float64(binarySize())/1e6)
}

// cpu is the processor time that the server has used, in microseconds; 0
// where the system does not tell (only Linux does, in /proc).
func (s *benchServer) cpu() int64 {
	if s == nil {
		return 0
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	const tick = 10_000 // microseconds; USER_HZ is 100 on every Linux
	return (user + system) * tick
}

// memory is the server's resident memory in MB; 0 where it is not told.
func (s *benchServer) memory() float64 {
	if s == nil {
		return 0
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			n, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(kb), " kB"), 64)
			return n / 1000
		}
	}
	return 0
}

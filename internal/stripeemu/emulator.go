package stripeemu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options are the emulator's. The zero value is good.
type Options struct {
	Listen string // 127.0.0.1:0; loopback only
	Logger *slog.Logger
}

// Emulator is the server.
type Emulator struct {
	log  *slog.Logger
	mux  *http.ServeMux
	url  string
	stop context.CancelFunc
	done chan error
	wake chan struct{} // there is something to deliver

	mu      sync.Mutex
	ahead   time.Duration     // guarded by mu: of the machine's clock
	worlds  map[string]*world // guarded by mu: by the X of sk_test_X
	faults  []Fault           // guarded by mu
	slow    bool              // refunds wait; guarded by mu
	outbox  []*Posting        // guarded by mu: not delivered yet, oldest first
	held    bool              // guarded by mu: nothing is delivered
	mood    Mood              // guarded by mu
	calls   []Call            // guarded by mu
	posting int               // guarded by mu: deliveries on their way
}

// Call is a request that was made, for tests.
type Call struct {
	Method, Path, Key string
	Status            int
	Replayed          bool
}

// Start listens and serves until Close.
func Start(o Options) (*Emulator, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("stripeemu: %w", err)
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		_ = l.Close()
		return nil, errors.New("stripeemu: it believes everybody, so it listens on loopback only")
	}
	ctx, stop := context.WithCancel(context.Background())
	e := New(o)
	e.url, e.stop = "http://"+l.Addr().String(), stop
	go func() { e.done <- e.Run(ctx, l) }()
	return e, nil
}

// New is an emulator that Run serves.
func New(o Options) *Emulator {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	e := &Emulator{log: o.Logger, mux: http.NewServeMux(), done: make(chan error, 1), wake: make(chan struct{}, 1), worlds: map[string]*world{}}
	e.routes()
	return e
}

// Run serves on l and delivers webhooks until ctx ends.
func (e *Emulator) Run(ctx context.Context, l net.Listener) error {
	if e.url == "" { // else Start has set it
		e.url = "http://" + l.Addr().String()
	}
	s := &http.Server{Handler: e.mux, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	var both sync.WaitGroup
	both.Go(func() { e.deliver(ctx) })
	both.Go(func() {
		<-ctx.Done()
		_ = s.Close() // answers that hang on purpose do not end by themselves
	})
	err := s.Serve(l)
	both.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close ends it.
func (e *Emulator) Close() error {
	e.stop()
	return <-e.done
}

// URL is where it listens.
func (e *Emulator) URL() string { return e.url }

// Advance moves the clock: holds run out, funds become available.
func (e *Emulator) Advance(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ahead += d
	for _, w := range e.worlds {
		w.sweep()
	}
}

// Calls is what was asked so far.
func (e *Emulator) Calls() []Call {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Call(nil), e.calls...)
}

func (e *Emulator) now() time.Time { return time.Now().Add(e.ahead) } // under mu

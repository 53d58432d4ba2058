package web

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// What is the same for everybody is made once, however many ask for it together.
func TestAFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	var made atomic.Int64
	h := once(func() *file { made.Add(1); return newFile([]byte("{}"), "application/json") })
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			w := httptest.NewRecorder()
			if h(w, httptest.NewRequest(http.MethodGet, "/", nil)); w.Code != 200 || w.Body.String() != "{}" || w.Header().Get("ETag") == "" {
				t.Errorf("%d %v", w.Code, w.Header())
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("it was made %d times", made.Load())
	}
}

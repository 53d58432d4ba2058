package dispatch_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/store/storetest"
)

func openFeed(t *testing.T, name string) fs.FS {
	t.Helper()
	dir := os.Getenv("WAYMEET_TEST_FEEDS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data", "gtfs")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if os.IsNotExist(err) {
		t.Skipf("no %s here: set WAYMEET_TEST_FEEDS to a directory with the open feeds", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	files, err := gtfs.OpenZip(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestImportOpenFeeds(t *testing.T) {
	for _, name := range []string{"nairobi-2019.zip", "accra-2019.zip", "morocco-oncf.zip", "google-sample.zip"} {
		t.Run(name, func(t *testing.T) {
			files := openFeed(t, name)
			db := storetest.New(t)
			desk := dispatch.New(db.DB, nil, nil)
			for range 2 {
				start := time.Now()
				got, err := desk.Import(context.Background(), db.B.ID, files, dispatch.ImportOptions{Shift: true, Days: 1})
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%v in all; read %v, applied %v, run %v: %+v %+v", time.Since(start), got.Read, got.Applied, got.Run, got.Counts, got.Ran)
			}
		})
	}
}

package html

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/agent-gate/agent-gate/internal/report"
)

var useBrowser = flag.Bool("browser", false, "also test the HTML report in a Chromium, which takes some twenty seconds")

// browser is a headless Chromium and the problems it reported.
type browser struct {
	context.Context
	dir string

	mu       sync.Mutex
	messages []string // console messages and exceptions
	requests []string // anything but the page itself
}

// startBrowser starts Chromium, or skips the test unless -browser is set.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	if !*useBrowser {
		t.Skip("the HTML report is not tested in a browser without the flag -browser; .ci/run gives it")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("no Chromium is installed")
	}
	b := &browser{dir: t.TempDir()}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	b.Context, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	chromedp.ListenTarget(b.Context, b.listen)
	if err := chromedp.Run(b.Context, network.Enable(), runtime.Enable(), log.Enable()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.messages = append(b.messages, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		b.messages = append(b.messages, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		b.messages = append(b.messages, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; !strings.HasPrefix(url, "file://"+b.dir) && !strings.HasPrefix(url, "data:") {
			b.requests = append(b.requests, url)
		}
	}
}

// quiet fails the test if the page reported a problem or sent a request.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.messages) > 0 || len(b.requests) > 0 {
		t.Errorf("messages %q, requests %q", b.messages, b.requests)
	}
	b.messages, b.requests = nil, nil
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b.Context, actions...); err != nil {
		t.Fatal(err)
	}
}

// open loads the page of a report; hash is the fragment of its URL.
func (b *browser) open(t *testing.T, r report.Report, hash string) {
	t.Helper()
	b.openPage(t, htmlOf(t, r), hash)
}

// openPage opens a page at an address within it.
func (b *browser) openPage(t *testing.T, page, hash string) {
	t.Helper()
	path := filepath.Join(b.dir, "report.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.Navigate("about:blank"), chromedp.Navigate("file://"+path+hash), chromedp.WaitReady("footer"))
}

// eval evaluates an expression in the page.
func eval[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	var got T
	b.do(t, chromedp.Evaluate(expression, &got))
	return got
}

// awaited makes an evaluation await its promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// shownCalls returns the page's summary of the calls it shows.
func (b *browser) shownCalls(t *testing.T) string {
	t.Helper()
	return eval[string](t, b, `document.querySelector("#shown").textContent`)
}

// column returns the texts of a column of the list, top to bottom.
func (b *browser) column(t *testing.T, class string) []string {
	t.Helper()
	return eval[[]string](t, b, `[...document.querySelectorAll("#list .`+class+`")].map((e) => e.lastChild ? e.lastChild.textContent.trim() : "")`)
}

func (b *browser) screen(width, height int64, scheme string) chromedp.Action {
	return chromedp.Tasks{
		emulation.SetDeviceMetricsOverride(width, height, 1, width < 500),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
	}
}

// TestBrowser uses the page like a reader. It is a single test because all steps share one
// browser.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	b.do(t, b.screen(1440, 900, "light"))
	for _, step := range []struct {
		name string
		run  func(*testing.T, *browser)
	}{
		{"the page is the same with and without its script", sameWithoutScript},
		{"calls can be filtered", filtersCalls},
		{"calls can be searched", searchesCalls},
		{"calls can be ordered, and what is not known comes last", ordersCalls},
		{"a call opens by keyboard and shows its evals", opensByKeyboard},
		{"what was said scrolls within its call, agent left and customer right", readsTranscripts},
		{"what a reason quotes comes into sight beside it", showsWhatAReasonQuotes},
		{"controls that are of no use are not there", hidesWhatIsOfNoUse},
		{"a search among 5,000 calls takes no time", staysFluid},
		{"a criterion leads to its calls", jumpsToCalls},
		{"a cell of the matrix leads to its call", leadsFromCaseToCall},
		{"an address brings a filter and a call back", restoresAddress},
		{"each gate of a suite has a list of calls of its own", listsCallsOfGates},
		{"light and dark can be chosen", choosesTheme},
		{"thousands of calls are there, and only some are rendered", showsManyCalls},
		{"a stranger's text does nothing", defusesText},
		{"it fits every screen and can be read in every light", fitsAndContrasts},
	} {
		t.Run(step.name, func(t *testing.T) {
			step.run(t, b)
			b.quiet(t)
		})
	}
}

// Package html writes a judged run as one self-contained HTML page that loads nothing from any
// server. write.go assembles the page from the templates, style and scripts in the folder page;
// page.go is the templates' input, with its sections in causes.go, criteria.go, baseline.go,
// cases.go, calls.go, run.go and scores.go; data.go is the script's input; chart.go draws, talk.go
// is for transcripts and quote.go finds in them what evals quote, and words.go has the door for
// untrusted text. Only the files in page are marked as safe for
// html/template.
package html

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
)

// pageFiles are the page, its style and its scripts.
//
//go:embed page
var pageFiles embed.FS

// Write writes the report as one self-contained page: style, scripts and data are inline, and
// its Content-Security-Policy forbids everything else. The verdict, criteria, scenarios and
// worst calls are plain HTML; the script makes all calls searchable, worst first, and the page
// counts those that do not fit.
func Write(w io.Writer, r report.Report) error {
	if err := writeUpTo(w, r, dataLimit{calls: dataCalls, bytes: dataBytes}); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

func writeUpTo(w io.Writer, r report.Report, limit dataLimit) error {
	pages, err := parsePages("")
	if err != nil {
		return err
	}
	assets, err := loadAssets()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(w, report.BufferSize)
	if err := pages.ExecuteTemplate(buffered, "page", newPage(r, assets, newCalls(buffered, r, limit))); err != nil {
		return err
	}
	return buffered.Flush()
}

// pageAssets are the inline style and scripts of the page.
type pageAssets struct {
	Style  template.CSS
	Theme  template.JS // runs before the first paint
	Script template.JS // runs after everything is loaded
	// Policy is the page's Content-Security-Policy. It lists the style and scripts by hash, so
	// no other script can run even if one got into the page.
	Policy string
}

func loadAssets() (pageAssets, error) {
	var failed error
	read := func(name string) string {
		b, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			failed = err
		}
		return string(b)
	}
	style, theme, script := read("style.css"), read("theme.js"), read("script.js")
	return pageAssets{
		Style: template.CSS(style), Theme: template.JS(theme), Script: template.JS(script),
		Policy: "default-src 'none'; img-src data:; style-src " + sourceHash(style) +
			"; script-src " + sourceHash(theme) + " " + sourceHash(script) +
			"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
	}, failed
}

// sourceHash is the Content-Security-Policy source of an inline style or script.
func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Command sbom writes the bill of materials of a Go binary as CycloneDX 1.6 JSON. It reads
// the modules that the Go linker recorded in the binary: what was linked, whatever go.mod
// lists. The output is reproducible: it has no timestamp and no random serial number.
//
//	sbom -version 1.2.3 BINARY DOCUMENT
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/google/uuid"
)

func main() {
	version := flag.String("version", "", "version of the program, such as 1.2.3")
	flag.Parse()
	if *version == "" || flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: sbom -version VERSION BINARY DOCUMENT")
		os.Exit(2)
	}
	if err := write(*version, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// write writes the document for a binary.
func write(version, binary, document string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	bom, err := json.MarshalIndent(newBOM(version, info, sha256.Sum256(content)), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(document, append(bom, '\n'), 0o644)
}

// bom is the subset of https://cyclonedx.org/docs/1.6/json/ that is used here.
type bom struct {
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Purl       string     `json:"purl"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// newBOM returns the document for a binary with the given checksum.
func newBOM(version string, info *buildinfo.BuildInfo, sum [sha256.Size]byte) bom {
	program := module("application", info.Main.Path, "v"+version, "")
	program.Hashes = []hash{{Algorithm: "SHA-256", Content: hex.EncodeToString(sum[:])}}
	for _, setting := range info.Settings {
		if setting.Key == "GOOS" || setting.Key == "GOARCH" {
			program.Properties = append(program.Properties, property{Name: "go:" + setting.Key, Value: setting.Value})
		}
	}
	// The standard library's name in vulnerability databases.
	components := []component{module("library", "std", strings.TrimPrefix(info.GoVersion, "go"), "")}
	for _, linked := range info.Deps {
		components = append(components, dependencyOf(linked))
	}
	refs := make([]string, len(components))
	for i, c := range components {
		refs[i] = c.Ref
	}
	return bom{
		Format:       "CycloneDX",
		SpecVersion:  "1.6",
		Serial:       uuid.NewSHA1(uuid.NameSpaceURL, sum[:]).URN(),
		Version:      1,
		Metadata:     metadata{Component: program},
		Components:   components,
		Dependencies: []dependency{{Ref: program.Ref, DependsOn: refs}},
	}
}

// dependencyOf returns the module that was linked, which a replace directive may change.
func dependencyOf(linked *debug.Module) component {
	if linked.Replace != nil {
		linked = linked.Replace
	}
	return module("library", linked.Path, linked.Version, linked.Sum)
}

// module returns the component of a Go module. Its checksum is Go's own (h1:), over file
// names and contents, and not the hash of any file. So it is a property instead of a
// hash.
func module(kind, path, version, sum string) component {
	purl := "pkg:golang/" + path + "@" + version
	c := component{Type: kind, Ref: purl, Name: path, Version: version, Purl: purl}
	if sum != "" {
		c.Properties = []property{{Name: "go:sum", Value: sum}}
	}
	return c
}

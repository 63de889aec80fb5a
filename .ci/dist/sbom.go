package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// The parts of SPDX 2.3 that are used.
type (
	spdx struct {
		Version       string         `json:"spdxVersion"`
		DataLicense   string         `json:"dataLicense"`
		ID            string         `json:"SPDXID"`
		Name          string         `json:"name"`
		Namespace     string         `json:"documentNamespace"`
		Creation      creation       `json:"creationInfo"`
		Packages      []spdxPackage  `json:"packages"`
		Relationships []relationship `json:"relationships"`
	}
	creation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		Name             string     `json:"name"`
		ID               string     `json:"SPDXID"`
		Version          string     `json:"versionInfo"`
		FileName         string     `json:"packageFileName,omitempty"`
		Location         string     `json:"downloadLocation"`
		FilesAnalyzed    bool       `json:"filesAnalyzed"`
		Checksums        []checksum `json:"checksums,omitempty"`
		SourceInfo       string     `json:"sourceInfo,omitempty"`
		LicenseConcluded string     `json:"licenseConcluded"`
		LicenseDeclared  string     `json:"licenseDeclared"`
		Copyright        string     `json:"copyrightText"`
		External         []external `json:"externalRefs,omitempty"`
		Purpose          string     `json:"primaryPackagePurpose,omitempty"`
	}
	checksum struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"checksumValue"`
	}
	external struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	relationship struct {
		Element string `json:"spdxElementId"`
		Type    string `json:"relationshipType"`
		Related string `json:"relatedSpdxElement"`
	}
)

// sbom returns the bill of materials of the program.
func (r *release) sbom() ([]byte, error) {
	sum := sha256.Sum256(r.program)
	digest := hex.EncodeToString(sum[:])
	const self = "SPDXRef-nrf91emu"
	d := spdx{
		Version: "SPDX-2.3", DataLicense: "CC0-1.0", ID: "SPDXRef-DOCUMENT",
		Name:      fmt.Sprintf("nrf91emu %s %s/%s", r.version, r.os, r.arch),
		Namespace: "https://spdx.org/spdxdocs/nrf91emu-" + digest,
		Creation:  creation{r.time.UTC().Format(time.RFC3339), []string{"Tool: nrf91emu-dist"}},
		Packages: []spdxPackage{{
			Name: "nrf91emu", ID: self, Version: r.version, FileName: r.name, Location: "NOASSERTION",
			Checksums:        []checksum{{"SHA256", digest}},
			SourceInfo:       fmt.Sprintf("commit %s, %s, %s/%s", r.commit, r.info.GoVersion, r.os, r.arch),
			LicenseConcluded: "Apache-2.0", LicenseDeclared: "Apache-2.0", Copyright: "NOASSERTION", Purpose: "APPLICATION",
			External: []external{{"PACKAGE-MANAGER", "purl", purl(r.info.Main.Path, r.version)}},
		}},
		Relationships: []relationship{{"SPDXRef-DOCUMENT", "DESCRIBES", self}},
	}
	for _, m := range r.modules {
		p := spdxPackage{
			Name: m.path, ID: "SPDXRef-" + regexp.MustCompile(`[^A-Za-z0-9.-]+`).ReplaceAllString(m.path+"-"+m.version, "-"),
			Version: m.version, Location: "NOASSERTION", LicenseConcluded: m.licence, LicenseDeclared: m.licence,
			Copyright: "NOASSERTION", Purpose: "LIBRARY",
		}
		switch {
		case m.sum != "":
			p.Location = "https://proxy.golang.org/" + escape(m.path) + "/@v/" + escape(m.version) + ".zip"
			p.SourceInfo = m.sum
			p.External = []external{{"PACKAGE-MANAGER", "purl", purl(m.path, m.version)}}
		case m.path == "std":
			p.Location = m.url
			p.External = []external{{"PACKAGE-MANAGER", "purl", "pkg:golang/std@" + strings.TrimPrefix(m.version, "go")}}
		default:
			p.Location = m.url
			p.External = []external{{"PACKAGE-MANAGER", "purl", "pkg:npm/" + strings.ReplaceAll(m.path, "@", "%40") + "@" + m.version}}
		}
		d.Packages = append(d.Packages, p)
		d.Relationships = append(d.Relationships, relationship{self, "DEPENDS_ON", p.ID})
	}
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}

func purl(path, version string) string { return "pkg:golang/" + path + "@" + version }

// escape writes capitals as the module proxy has them.
func escape(s string) string {
	return regexp.MustCompile(`[A-Z]`).ReplaceAllStringFunc(s, func(c string) string { return "!" + strings.ToLower(c) })
}

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path"
	"time"
)

// tarball writes files into a folder of an archive.
func (r *release) tarball(to, folder string, files []file) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, f := range files {
		if err := r.add(t, path.Join(folder, f.name), f.mode, f.content); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

// add writes a file, or a folder if its name ends in a slash.
func (r *release) add(t *tar.Writer, name string, mode int64, content []byte) error {
	h := &tar.Header{Name: name, Mode: mode, Size: int64(len(content)), ModTime: r.time, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
	if name[len(name)-1] == '/' {
		h.Typeflag = tar.TypeDir
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err := t.Write(content)
	return err
}

func (r *release) zip(to, folder string, files []file) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for _, f := range files {
		h := &zip.FileHeader{Name: path.Join(folder, f.name), Method: zip.Deflate, Modified: r.time.UTC()}
		h.SetMode(os.FileMode(f.mode))
		w, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.content); err != nil {
			return err
		}
	}
	return z.Close()
}

// A descriptor is how the files of an image refer to one another.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func describe(mediaType string, content []byte) descriptor {
	sum := sha256.Sum256(content)
	return descriptor{MediaType: mediaType, Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: len(content)}
}

func (d descriptor) path() string { return "blobs/sha256/" + d.Digest[len("sha256:"):] }

// image writes a container image that holds the program and its licences and nothing
// else: an OCI layout, which docker, podman and crane load, with the manifest.json of
// older programs.
func (r *release) image(to string, files []file) error {
	const tag = "localhost/nrf91emu"
	var layer bytes.Buffer
	t := tar.NewWriter(&layer)
	for _, dir := range []struct {
		name string
		mode int64
	}{{"tmp/", 0o1777}, {"state/", 0o777}, {"licences/", 0o755}} {
		if err := r.add(t, dir.name, dir.mode, nil); err != nil {
			return err
		}
	}
	for _, f := range files {
		name := ""
		switch f.name {
		case r.name:
			name = "nrf91emu"
		case "LICENSE", "THIRD-PARTY-LICENCES.txt", "sbom.spdx.json":
			name = "licences/" + f.name
		default:
			continue
		}
		if err := r.add(t, name, f.mode, f.content); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	layerAt := describe("application/vnd.oci.image.layer.v1.tar", layer.Bytes())

	platform := map[string]any{"architecture": r.arch, "os": r.os}
	if r.arch == "arm" {
		platform["variant"] = "v6"
	}
	labels := map[string]string{
		"org.opencontainers.image.title":    "nrf91emu",
		"org.opencontainers.image.version":  r.version,
		"org.opencontainers.image.revision": r.commit,
		"org.opencontainers.image.created":  r.time.UTC().Format(time.RFC3339),
		"org.opencontainers.image.licenses": "Apache-2.0",
	}
	config := map[string]any{
		"created": r.time.UTC().Format(time.RFC3339),
		"config": map[string]any{
			"User": "65532:65532", "Entrypoint": []string{"/nrf91emu"}, "WorkingDir": "/tmp", "Labels": labels,
			"Volumes": map[string]any{"/state": struct{}{}},
		},
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{layerAt.Digest}},
		"history": []any{map[string]any{"created": r.time.UTC().Format(time.RFC3339), "created_by": "nrf91emu-dist"}},
	}
	for k, v := range platform {
		config[k] = v
	}
	configText, err := json.Marshal(config)
	if err != nil {
		return err
	}
	configAt := describe("application/vnd.oci.image.config.v1+json", configText)
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": configAt, "layers": []descriptor{layerAt}, "annotations": labels,
	})
	if err != nil {
		return err
	}
	manifestAt := describe("application/vnd.oci.image.manifest.v1+json", manifest)
	manifestAt.Annotations = map[string]string{"org.opencontainers.image.ref.name": tag + ":latest"}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []descriptor{manifestAt}})
	if err != nil {
		return err
	}
	docker, err := json.Marshal([]any{map[string]any{
		"Config": configAt.path(), "RepoTags": []string{tag + ":latest"}, "Layers": []string{layerAt.path()},
	}})
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	t = tar.NewWriter(f)
	for _, part := range []file{
		{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644},
		{"index.json", index, 0o644},
		{"manifest.json", docker, 0o644},
		{configAt.path(), configText, 0o644},
		{manifestAt.path(), manifest, 0o644},
		{layerAt.path(), layer.Bytes(), 0o644},
	} {
		if err := r.add(t, part.name, part.mode, part.content); err != nil {
			return err
		}
	}
	return t.Close()
}

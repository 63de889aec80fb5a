// Kubernetes decodes manifests strictly into the types of Kubernetes: an unknown or
// misspelt key, a key that stands twice and a value of another type are errors. Beyond
// that it holds what makes sense only together: that labels select, that ports, volumes
// and probes name what is there, and that the program has the flags.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// kinds are what a manifest may hold.
var kinds = map[string]func() any{
	"v1/Namespace":                       func() any { return new(corev1.Namespace) },
	"v1/Service":                         func() any { return new(corev1.Service) },
	"apps/v1/StatefulSet":                func() any { return new(appsv1.StatefulSet) },
	"policy/v1/PodDisruptionBudget":      func() any { return new(policyv1.PodDisruptionBudget) },
	"networking.k8s.io/v1/NetworkPolicy": func() any { return new(networkingv1.NetworkPolicy) },
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: kubernetes PROGRAM FILE...")
		os.Exit(2)
	}
	for _, path := range os.Args[2:] {
		n, err := check(path, os.Args[1])
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
		fmt.Printf("%s: %d objects\n", path, n)
	}
}

// check decodes all documents of a file.
func check(path, program string) (n int, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var services []*corev1.Service
	var sets []*appsv1.StatefulSet
	for _, doc := range bytes.Split(text, []byte("\n---\n")) {
		var head struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal(doc, &head); err != nil {
			return n, err
		}
		name := head.APIVersion + "/" + head.Kind
		make := kinds[name]
		if make == nil {
			return n, fmt.Errorf("%s is not known here", name)
		}
		object := make()
		if err := yaml.UnmarshalStrict(doc, object); err != nil {
			return n, fmt.Errorf("%s: %w", name, err)
		}
		switch o := object.(type) {
		case *corev1.Service:
			services = append(services, o)
		case *appsv1.StatefulSet:
			sets = append(sets, o)
		}
		n++
	}
	if len(sets) == 0 {
		return n, errors.New("there is no StatefulSet")
	}
	for _, set := range sets {
		if err := sound(set, services, program); err != nil {
			return n, fmt.Errorf("StatefulSet %s: %w", set.Name, err)
		}
	}
	return n, nil
}

// sound returns what does not fit together in a StatefulSet.
func sound(set *appsv1.StatefulSet, services []*corev1.Service, program string) error {
	pod := set.Spec.Template
	if !labels.SelectorFromSet(set.Spec.Selector.MatchLabels).Matches(labels.Set(pod.Labels)) {
		return errors.New("it does not select its own pods")
	}
	served := false
	for _, s := range services {
		served = served || s.Name == set.Spec.ServiceName && s.Namespace == set.Namespace &&
			s.Spec.ClusterIP == corev1.ClusterIPNone && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(pod.Labels))
	}
	if !served {
		return fmt.Errorf("no headless service %s selects its pods", set.Spec.ServiceName)
	}
	volumes := make(map[string]bool)
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range set.Spec.VolumeClaimTemplates {
		volumes[v.Name] = true
	}
	for _, c := range pod.Spec.Containers {
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				return fmt.Errorf("there is no volume %s", m.Name)
			}
		}
		ports := make(map[string]bool)
		for _, p := range c.Ports {
			ports[p.Name] = true
		}
		for _, p := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
			if p == nil || p.HTTPGet == nil {
				return errors.New("it wants three probes over HTTP")
			}
			if p.HTTPGet.Port.Type == intstr.String && !ports[p.HTTPGet.Port.StrVal] {
				return fmt.Errorf("a probe asks a port %s, which there is not", p.HTTPGet.Port.StrVal)
			}
		}
		// The program reads the arguments as they are but for the variables, and says at the
		// first start that fails what is wrong with them.
		args := make([]string, 0, len(c.Args))
		for _, a := range c.Args {
			for _, e := range c.Env {
				a = strings.ReplaceAll(a, "$("+e.Name+")", "0")
			}
			if strings.Contains(a, "$(") {
				return fmt.Errorf("%s has a variable that is not set", a)
			}
			args = append(args, a)
		}
		out, err := exec.Command(program, append(args, "--state=/dev/null/none")...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "the directory for") {
			return fmt.Errorf("the program does not take the arguments: %v: %s", err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

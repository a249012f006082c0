package main

import (
	"context"
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	batchapply "k8s.io/client-go/applyconfigurations/batch/v1"
	typedbatch "k8s.io/client-go/kubernetes/typed/batch/v1"
	"k8s.io/utils/ptr"
)

var (
	labelled = map[string]string{"app": "clients"}
	ofLabel  = metav1.ListOptions{LabelSelector: "app=clients"}
	dryRun   = []string{metav1.DryRunAll}
)

// jobs creates Jobs, reads them in every way, and changes them in every way.
func (p *program) jobs(ctx context.Context) {
	jobs := p.typed.BatchV1().Jobs(p.namespace)
	var version string
	p.do("create a Job", func() (any, error) {
		made, err := jobs.Create(ctx, job("a", labelled), metav1.CreateOptions{FieldManager: "clients"})
		version = made.ResourceVersion
		return made, err
	})
	p.do("create it again", func() (any, error) { return jobs.Create(ctx, job("a", nil), metav1.CreateOptions{}) })
	p.do("create by dry run", func() (any, error) {
		return jobs.Create(ctx, job("b", nil), metav1.CreateOptions{DryRun: dryRun, FieldValidation: metav1.FieldValidationStrict})
	})
	p.do("create by a dry run that is none", func() (any, error) {
		return jobs.Create(ctx, job("b", nil), metav1.CreateOptions{DryRun: []string{"Some"}})
	})
	p.do("create a Job that breaks rules", func() (any, error) {
		wrong := job("b", nil)
		wrong.Spec.Completions = ptr.To[int32](-1)
		wrong.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyAlways
		return jobs.Create(ctx, wrong, metav1.CreateOptions{})
	})
	p.do("watch it until it is complete", func() (any, error) { return p.complete(ctx, jobs, "a", version) })
	p.do("get a Job that is not there", func() (any, error) { return jobs.Get(ctx, "none", metav1.GetOptions{}) })
	p.do("list Jobs by label", func() (any, error) { return names(jobs.List(ctx, ofLabel)) })
	p.do("list Jobs in pages", func() (any, error) { return p.pages(ctx, jobs) })
	p.do("list by a selector that is none", func() (any, error) {
		return jobs.List(ctx, metav1.ListOptions{LabelSelector: "a in"})
	})
	p.do("watch from a list", func() (any, error) { return p.initial(ctx, jobs) })
	p.pods(ctx)
	p.changes(ctx, jobs)
}

// complete waits for a Job's end; its status.
func (p *program) complete(ctx context.Context, jobs typedbatch.JobInterface, name, version string) (any, error) {
	var last *batchv1.Job
	found, err := jobs.Watch(ctx, metav1.ListOptions{
		FieldSelector:       "metadata.name=" + name,
		ResourceVersion:     version,
		AllowWatchBookmarks: true,
		TimeoutSeconds:      ptr.To[int64](80),
	})
	err = until(ctx, found, err, func(event watch.Event) bool {
		last, _ = event.Object.(*batchv1.Job)
		return last != nil && last.Status.CompletionTime != nil
	})
	if err != nil {
		return nil, err
	}
	return last.Status, nil
}

// pages reads the Jobs one at a time; their names.
func (p *program) pages(ctx context.Context, jobs typedbatch.JobInterface) (any, error) {
	var found []string
	options := metav1.ListOptions{Limit: 1}
	for {
		page, err := jobs.List(ctx, options)
		if err != nil {
			return nil, err
		}
		for _, one := range page.Items {
			found = append(found, one.Name)
		}
		if options.Continue = page.Continue; options.Continue == "" {
			return found, nil
		}
	}
}

// initial watches from the version of a list on, until a new Job is seen; the types of the events.
func (p *program) initial(ctx context.Context, jobs typedbatch.JobInterface) (any, error) {
	listed, err := jobs.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	found, err := jobs.Watch(ctx, metav1.ListOptions{ResourceVersion: listed.ResourceVersion})
	if err != nil {
		return nil, err
	}
	suspended := job("new", nil)
	suspended.Spec.Suspend = ptr.To(true)
	if _, err := jobs.Create(ctx, suspended, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	var first watch.EventType
	err = until(ctx, found, nil, func(event watch.Event) bool {
		first = event.Type
		return true
	})
	return first, err
}

// pods reads the Pods of a Job and their logs.
func (p *program) pods(ctx context.Context) {
	pods := p.typed.CoreV1().Pods(p.namespace)
	var name string
	p.do("list the Pods of a Job", func() (any, error) {
		found, err := pods.List(ctx, metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=a"})
		if err != nil {
			return nil, err
		}
		var phases []corev1.PodPhase
		for _, pod := range found.Items {
			name = pod.Name
			phases = append(phases, pod.Status.Phase)
		}
		return phases, nil
	})
	for _, log := range []struct {
		step    string
		options corev1.PodLogOptions
	}{
		{"read a log", corev1.PodLogOptions{}},
		{"follow a log", corev1.PodLogOptions{Follow: true, Container: "main"}},
		{"read the end of a log", corev1.PodLogOptions{TailLines: ptr.To[int64](1)}},
		{"read bytes of a log", corev1.PodLogOptions{LimitBytes: ptr.To[int64](3)}},
		{"read the log of no container", corev1.PodLogOptions{Container: "none"}},
		{"read the log of before", corev1.PodLogOptions{Previous: true}},
	} {
		p.do(log.step, func() (any, error) {
			text, err := pods.GetLogs(name, &log.options).DoRaw(ctx)
			return string(text), err
		})
	}
}

// changes updates, patches and applies a Job.
func (p *program) changes(ctx context.Context, jobs typedbatch.JobInterface) {
	old, err := jobs.Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		p.said("get a Job", nil, err)
		return
	}
	p.do("update a Job", func() (any, error) {
		changed := old.DeepCopy()
		changed.UID, changed.ResourceVersion = "", ""
		changed.Labels["changed"] = "yes"
		return metadataOf(jobs.Update(ctx, changed, metav1.UpdateOptions{FieldManager: "clients"}))
	})
	p.do("update a Job of before", func() (any, error) { return jobs.Update(ctx, old, metav1.UpdateOptions{}) })
	p.do("update by dry run what cannot be changed", func() (any, error) {
		changed := old.DeepCopy()
		changed.UID, changed.ResourceVersion = "", ""
		changed.Spec.Completions = ptr.To[int32](4)
		return jobs.Update(ctx, changed, metav1.UpdateOptions{DryRun: dryRun})
	})
	p.do("update a status", func() (any, error) {
		changed, err := jobs.Get(ctx, "a", metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		changed.Status.Succeeded = 0
		return jobs.UpdateStatus(ctx, changed, metav1.UpdateOptions{})
	})
	patches := []struct {
		form types.PatchType
		body string
	}{
		{types.JSONPatchType, `[{"op": "add", "path": "/metadata/annotations", "value": {"a": "1"}}]`},
		{types.MergePatchType, `{"metadata": {"annotations": {"b": "2"}}}`},
		{types.StrategicMergePatchType, `{"metadata": {"annotations": {"a": null, "c": "3"}}}`},
		{types.MergePatchType, `{"spec": {"completions": 7}}`},
		{types.JSONPatchType, `[{"op": "test", "path": "/spec/parallelism", "value": 7}]`},
	}
	for index, patch := range patches {
		p.do(fmt.Sprintf("patch %d, %s", index+1, patch.form), func() (any, error) {
			options := metav1.PatchOptions{FieldManager: "clients"}
			return metadataOf(jobs.Patch(ctx, "a", patch.form, []byte(patch.body), options))
		})
	}
	applied := batchapply.Job("a", p.namespace).WithLabels(map[string]string{"app": "applied"})
	p.do("apply by force", func() (any, error) {
		return metadataOf(jobs.Apply(ctx, applied, metav1.ApplyOptions{FieldManager: "applier", Force: true}))
	})
}

// deletions deletes Jobs by each of the options, and collections of them.
func (p *program) deletions(ctx context.Context) {
	jobs := p.typed.BatchV1().Jobs(p.namespace)
	options := []struct {
		name    string
		options metav1.DeleteOptions
	}{
		{"dry-run", metav1.DeleteOptions{DryRun: dryRun}},
		{"other-uid", metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions("other")}},
		{"other-version", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: ptr.To("1")}}},
		{"negative-grace", metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](-1)}},
		{"no-policy", metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletionPropagation("Sometimes"))}},
		{"both-policies", metav1.DeleteOptions{
			OrphanDependents: ptr.To(true), PropagationPolicy: ptr.To(metav1.DeletePropagationOrphan),
		}},
		{"default", metav1.DeleteOptions{}},
		{"foreground", metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationForeground)}},
		{"background", metav1.DeleteOptions{
			PropagationPolicy: ptr.To(metav1.DeletePropagationBackground), GracePeriodSeconds: ptr.To[int64](0),
		}},
		{"orphan", metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationOrphan)}},
	}
	for _, one := range options {
		suspended := job(one.name, map[string]string{"deleted": "yes"})
		suspended.Spec.Suspend = ptr.To(true)
		p.do("create "+one.name, func() (any, error) { return metadataOf(jobs.Create(ctx, suspended, metav1.CreateOptions{})) })
		p.do("delete, "+one.name, func() (any, error) { return nil, jobs.Delete(ctx, one.name, one.options) })
	}
	p.do("delete what is not there", func() (any, error) {
		return nil, jobs.Delete(ctx, "none", metav1.DeleteOptions{})
	})
	of := metav1.ListOptions{LabelSelector: "deleted=yes"}
	p.do("wait for what is deleted", func() (any, error) {
		left := []string{"both-policies", "dry-run", "no-policy", "other-uid", "other-version"}
		return p.left(ctx, jobs, of, left)
	})
	p.do("delete a collection by dry run", func() (any, error) {
		return nil, jobs.DeleteCollection(ctx, metav1.DeleteOptions{DryRun: dryRun}, of)
	})
	p.do("delete a collection", func() (any, error) {
		background := metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationBackground)}
		return nil, jobs.DeleteCollection(ctx, background, of)
	})
	p.do("wait for the collection", func() (any, error) { return p.left(ctx, jobs, of, nil) })
	p.do("delete all", func() (any, error) {
		return nil, jobs.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	})
}

// left waits until only these are left of what is selected; their names.
func (p *program) left(ctx context.Context, jobs typedbatch.JobInterface, of metav1.ListOptions, wanted []string) (any, error) {
	var there []string
	err := wait.PollUntilContextTimeout(ctx, pause, patience, true, func(ctx context.Context) (bool, error) {
		found, err := jobs.List(ctx, of)
		if err != nil {
			return false, err
		}
		there = nil
		for _, one := range found.Items {
			there = append(there, one.Name)
		}
		return slices.Equal(there, wanted), nil
	})
	if wait.Interrupted(err) {
		err = nil // what is left says enough
	}
	return there, err
}

func names(found *batchv1.JobList, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	var all []string
	for _, one := range found.Items {
		all = append(all, one.Name)
	}
	return all, nil
}

func metadataOf(found *batchv1.Job, err error) (any, error) {
	if err != nil || found == nil {
		return nil, err
	}
	return found.ObjectMeta, nil
}

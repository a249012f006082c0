package main

import (
	"context"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/utils/ptr"
)

// others creates, changes and deletes objects of the other kinds.
func (p *program) others(ctx context.Context) {
	core := p.typed.CoreV1()
	meta := metav1.ObjectMeta{Name: "a", Labels: labelled}
	maps, secrets := core.ConfigMaps(p.namespace), core.Secrets(p.namespace)
	p.do("create a ConfigMap", func() (any, error) {
		made := &corev1.ConfigMap{ObjectMeta: meta, Data: map[string]string{"a": "b"}, BinaryData: map[string][]byte{"c": {0, 1}}}
		return maps.Create(ctx, made, metav1.CreateOptions{})
	})
	p.do("delete ConfigMaps", func() (any, error) { return nil, maps.DeleteCollection(ctx, metav1.DeleteOptions{}, ofLabel) })
	p.do("create a Secret", func() (any, error) {
		made := &corev1.Secret{ObjectMeta: meta, StringData: map[string]string{"a": "b"}, Immutable: ptr.To(true)}
		return secrets.Create(ctx, made, metav1.CreateOptions{})
	})
	p.do("change a Secret that is immutable", func() (any, error) {
		return secrets.Update(ctx, &corev1.Secret{ObjectMeta: meta, Data: map[string][]byte{"a": {1}}}, metav1.UpdateOptions{})
	})
	p.do("delete a Secret", func() (any, error) { return nil, secrets.Delete(ctx, "a", metav1.DeleteOptions{}) })
	accounts := core.ServiceAccounts(p.namespace)
	p.do("create a ServiceAccount", func() (any, error) {
		return accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: meta}, metav1.CreateOptions{})
	})
	p.do("delete ServiceAccounts", func() (any, error) {
		return nil, accounts.DeleteCollection(ctx, metav1.DeleteOptions{}, ofLabel)
	})
	events := core.Events(p.namespace)
	p.do("create an Event", func() (any, error) {
		involved := corev1.ObjectReference{Kind: "Job", APIVersion: "batch/v1", Namespace: p.namespace, Name: "a"}
		made := &corev1.Event{ObjectMeta: meta, InvolvedObject: involved, Reason: "Tried", Message: "m", Type: "Normal"}
		return events.Create(ctx, made, metav1.CreateOptions{})
	})
	p.do("delete Events", func() (any, error) { return nil, events.DeleteCollection(ctx, metav1.DeleteOptions{}, ofLabel) })
	pods := core.Pods(p.namespace)
	p.do("create a Pod", func() (any, error) {
		made, err := pods.Create(ctx, &corev1.Pod{ObjectMeta: meta, Spec: podSpec("sleep 600")}, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		return made.Labels, nil
	})
	p.do("delete a Pod at once", func() (any, error) {
		return nil, pods.Delete(ctx, "a", metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)})
	})
	p.do("delete Pods", func() (any, error) {
		return nil, pods.DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](1)}, ofLabel)
	})
	spaces := core.Namespaces()
	p.do("create a Namespace", func() (any, error) {
		more := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.namespace + "-more"}}
		found, err := spaces.Create(ctx, more, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		return found.Spec, nil
	})
	p.do("delete a Namespace", func() (any, error) {
		return nil, spaces.Delete(ctx, p.namespace+"-more", metav1.DeleteOptions{})
	})
	p.do("ask what one may do", func() (any, error) {
		asked := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "create", Group: "batch", Resource: "jobs"},
		}}
		found, err := p.typed.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, asked, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		return found.Status.Allowed, nil
	})
	p.do("ask for all that one may do", func() (any, error) {
		asked := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: p.namespace}}
		_, err := p.typed.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, asked, metav1.CreateOptions{})
		return nil, err
	})
	p.do("ask who one is", func() (any, error) {
		_, err := p.typed.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
		return nil, err
	})
	p.do("fill an informer", func() (any, error) {
		factory := informers.NewSharedInformerFactoryWithOptions(p.typed, 0, informers.WithNamespace(p.namespace))
		informer := factory.Batch().V1().Jobs().Informer()
		stop := make(chan struct{})
		defer close(stop)
		factory.Start(stop)
		for _, synced := range factory.WaitForCacheSync(ctx.Done()) {
			return synced && informer.HasSynced(), nil
		}
		return false, nil
	})
}

// groups sends options to each group that the practice cluster serves, to kinds it has no objects of.
func (p *program) groups(ctx context.Context) {
	resources := []schema.GroupVersionResource{
		{Version: "v1", Resource: "endpoints"},
		{Version: "v1", Resource: "persistentvolumeclaims"},
		{Version: "v1", Resource: "services"},
		{Group: "apps", Version: "v1", Resource: "deployments"},
		{Group: "batch", Version: "v1", Resource: "cronjobs"},
		{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"},
		{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"},
		{Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"},
	}
	for _, resource := range resources {
		found := p.metadata.Resource(resource).Namespace(p.namespace)
		name := " " + resource.Resource
		p.do("list"+name, func() (any, error) {
			listed, err := found.List(ctx, metav1.ListOptions{})
			if err != nil {
				return nil, err
			}
			return len(listed.Items), nil
		})
		p.do("delete one of"+name, func() (any, error) { return nil, found.Delete(ctx, "none", metav1.DeleteOptions{}) })
		p.do("delete all"+name, func() (any, error) {
			return nil, found.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "a=b"})
		})
		p.do("patch one of"+name, func() (any, error) {
			return found.Patch(ctx, "none", types.MergePatchType, []byte("{}"), metav1.PatchOptions{})
		})
	}
	typed := metav1.DeleteOptions{}
	p.do("delete one of deployments, typed", func() (any, error) {
		return nil, p.typed.AppsV1().Deployments(p.namespace).Delete(ctx, "none", typed)
	})
	p.do("delete all cronjobs, typed", func() (any, error) {
		return nil, p.typed.BatchV1().CronJobs(p.namespace).DeleteCollection(ctx, typed, ofLabel)
	})
	p.do("delete one of ingresses, typed", func() (any, error) {
		return nil, p.typed.NetworkingV1().Ingresses(p.namespace).Delete(ctx, "none", typed)
	})
	p.do("delete one of leases, typed", func() (any, error) {
		return nil, p.typed.CoordinationV1().Leases(p.namespace).Delete(ctx, "none", typed)
	})
	p.do("delete one of endpointslices, typed", func() (any, error) {
		return nil, p.typed.DiscoveryV1().EndpointSlices(p.namespace).Delete(ctx, "none", typed)
	})
	p.do("delete one of resourceslices, typed", func() (any, error) {
		return nil, p.typed.ResourceV1().ResourceSlices().Delete(ctx, "none", typed)
	})
}

// untyped does with the dynamic client and that of metadata what jobs does with the typed one.
func (p *program) untyped(ctx context.Context) {
	resource := schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}
	jobs := p.dynamic.Resource(resource).Namespace(p.namespace)
	body := map[string]any{
		"apiVersion": "batch/v1",
		"kind":       "Job",
		"metadata":   map[string]any{"name": "dynamic"},
		"spec": map[string]any{
			"suspend": true,
			"template": map[string]any{"spec": map[string]any{
				"restartPolicy": "Never",
				"containers":    []any{map[string]any{"name": "main", "image": "busybox:1.36"}},
			}},
		},
	}
	p.do("create an untyped Job", func() (any, error) {
		found, err := jobs.Create(ctx, &unstructured.Unstructured{Object: body}, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		return found.Object["spec"], nil
	})
	p.do("apply an untyped Job", func() (any, error) {
		body["spec"].(map[string]any)["parallelism"] = int64(2)
		found, err := jobs.Apply(ctx, "dynamic", &unstructured.Unstructured{Object: body}, metav1.ApplyOptions{FieldManager: "me", Force: true})
		if err != nil {
			return nil, err
		}
		return found.Object["spec"], nil
	})
	partial := p.metadata.Resource(resource).Namespace(p.namespace)
	p.do("get the metadata of a Job", func() (any, error) {
		found, err := partial.Get(ctx, "dynamic", metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		return found.Name, nil
	})
	p.do("delete a Job by its metadata", func() (any, error) {
		policy := metav1.DeletePropagationBackground
		return nil, partial.Delete(ctx, "dynamic", metav1.DeleteOptions{PropagationPolicy: &policy})
	})
	p.do("delete an untyped Job", func() (any, error) { return nil, jobs.Delete(ctx, "dynamic", metav1.DeleteOptions{}) })
	p.do("delete untyped Jobs", func() (any, error) {
		return nil, jobs.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	})
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Service } from 'kubernetes-models/v1/Service';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { loadConfig, settingNames } from '../../src/config/load.js';
import { ConfigError } from '../../src/config/problems.js';

const FOLDER = join(import.meta.dirname, '../../../deploy/kubernetes');
/** What the server itself gives running requests: src/http/server.ts. */
const DRAIN_SECONDS = 25;

const Labels = z.record(z.string(), z.string());
const PodSpec = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  enableServiceLinks: z.literal(false),
  securityContext: z.looseObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.literal(1000),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  containers: z.tuple([
    z.looseObject({
      securityContext: z.strictObject({
        allowPrivilegeEscalation: z.literal(false),
        readOnlyRootFilesystem: z.literal(true),
        capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
      }),
      resources: z.looseObject({
        requests: z.looseObject({ cpu: z.string(), memory: z.string() }),
        limits: z.looseObject({ memory: z.string() }),
      }),
      volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
    }),
  ]),
  volumes: z.array(z.looseObject({ name: z.string() })),
});
const Probe = z.looseObject({
  httpGet: z.strictObject({ path: z.string(), port: z.literal('http') }),
});

describe('the Kubernetes manifests', () => {
  const manifests = new Map<string, unknown>();

  before(async () => {
    for (const file of await readdir(FOLDER)) {
      const text = await readFile(join(FOLDER, file), 'utf8');
      expect(parseAllDocuments(text), file).to.have.lengthOf(1);
      manifests.set(file, parse(text, { version: '1.1' }));
    }
  });

  function deployment(): IDeployment {
    const found = manifests.get('deployment.yaml');
    if (!Deployment.is(found)) {
      throw new Error('deployment.yaml is no Deployment.');
    }
    return found;
  }

  it('are all in the kustomization, in the namespace of the others', () => {
    const { resources, namespace } = z
      .looseObject({ resources: z.array(z.string()), namespace: z.string() })
      .parse(manifests.get('kustomization.yaml'));
    const others = [...manifests.keys()].filter((file) => file !== 'kustomization.yaml');

    expect(resources.toSorted()).to.deep.equal(others.toSorted());
    for (const file of others.filter((name) => name !== 'namespace.yaml')) {
      const { metadata } = z
        .looseObject({ metadata: z.looseObject({ namespace: z.string() }) })
        .parse(manifests.get(file));
      expect(metadata.namespace, file).to.equal(namespace);
    }
  });

  it('are what the schema of their kind asks for', () => {
    for (const [file, manifest] of manifests) {
      if (file !== 'kustomization.yaml') {
        expect(() => validate(manifest), file).not.to.throw();
      }
    }
  });

  it('would not pass that check with a mistake in them', () => {
    const { spec } = deployment();

    expect(() => validate({ ...deployment(), spec: { ...spec, replicas: 'two' } })).to.throw();
    expect(() => validate({ ...deployment(), kind: 'Deploymint' })).to.throw(/no schema/);
  });

  it('set nothing that is no setting, and nothing that is refused', async () => {
    const { data } = z.looseObject({ data: Labels }).parse(manifests.get('config.yaml'));
    const { PULLGATE_DATABASE_URL_FILE: file, ...env } = data;

    const { config } = await loadConfig(env);
    const missingSecret = await loadConfig(data).catch((error: unknown) => error);

    expect(settingNames().map(({ variable }) => variable)).to.include.members(Object.keys(env));
    expect(config.http.publicUrl).to.match(/^https:/);
    expect(missingSecret).to.be.instanceOf(ConfigError);
    expect(String(missingSecret)).to.contain(file);
  });

  it('hold no secret', () => {
    for (const [file, manifest] of manifests) {
      expect(JSON.stringify(manifest), file).not.to.match(/"kind":"Secret"|mysql:\/\//);
    }
  });

  for (const file of ['deployment.yaml', 'migrate.yaml']) {
    it(`run as a plain user who can write nowhere but to volumes: ${file}`, () => {
      const pod = podOf(manifests.get(file));

      const mounted = pod.containers[0].volumeMounts.map(({ name }) => name);
      expect(pod.volumes.map(({ name }) => name)).to.have.members(mounted);
    });
  }

  it('ask for liveness without the database, and for readiness with it', () => {
    const [container] = z
      .tuple([z.looseObject({ livenessProbe: Probe, readinessProbe: Probe })])
      .parse(deployment().spec?.template.spec?.containers);

    expect(container.livenessProbe.httpGet.path).to.equal('/-/liveness');
    expect(container.readinessProbe.httpGet.path).to.equal('/-/readiness');
  });

  it('leave the time to finish running requests', () => {
    const pod = deployment().spec?.template.spec;
    const [, seconds = '0'] = pod?.containers[0]?.lifecycle?.preStop?.exec?.command ?? [];

    expect(pod?.terminationGracePeriodSeconds).to.be.greaterThan(Number(seconds) + DRAIN_SECONDS);
  });

  it('select the pods of the server: Service, disruption budget and spread', () => {
    const labels = deployment().spec?.template.metadata?.labels;
    const service = z
      .looseObject({ spec: z.looseObject({ selector: Labels }) })
      .parse(manifests.get('service.yaml'));
    const budget = z
      .looseObject({
        spec: z.looseObject({
          minAvailable: z.literal(1),
          selector: z.object({ matchLabels: Labels }),
        }),
      })
      .parse(manifests.get('disruption-budget.yaml'));

    expect(deployment().spec?.replicas).to.equal(2);
    expect(service.spec.selector).to.deep.equal(labels);
    expect(budget.spec.selector.matchLabels).to.deep.equal(labels);
    expect(deployment().spec?.selector.matchLabels).to.deep.equal(labels);
  });

  it('mount the keys read-only, where Pullgate looks for them', () => {
    const mounts = podOf(deployment()).containers[0].volumeMounts;

    expect(mounts.find(({ name }) => name === 'certs')).to.deep.include({
      mountPath: '/app/certs',
      readOnly: true,
    });
  });
});

/** Throws for what its kind's schema refuses, and for a kind that is not known here. */
function validate(manifest: unknown): void {
  if (Deployment.is(manifest)) {
    new Deployment(manifest).validate();
  } else if (Job.is(manifest)) {
    new Job(manifest).validate();
  } else if (Ingress.is(manifest)) {
    new Ingress(manifest).validate();
  } else if (NetworkPolicy.is(manifest)) {
    new NetworkPolicy(manifest).validate();
  } else if (PodDisruptionBudget.is(manifest)) {
    new PodDisruptionBudget(manifest).validate();
  } else if (ConfigMap.is(manifest)) {
    new ConfigMap(manifest).validate();
  } else if (Namespace.is(manifest)) {
    new Namespace(manifest).validate();
  } else if (PersistentVolumeClaim.is(manifest)) {
    new PersistentVolumeClaim(manifest).validate();
  } else if (Service.is(manifest)) {
    new Service(manifest).validate();
  } else {
    throw new Error('There is no schema for this kind.');
  }
}

function podOf(manifest: unknown): z.infer<typeof PodSpec> {
  return z
    .looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: PodSpec }) }) })
    .parse(manifest).spec.template.spec;
}

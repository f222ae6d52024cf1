import { api, unwrap } from '../../api/client';
import type {
  CreatedFeed,
  Feed,
  LocationInput,
  LocationUpdate,
  NoteTemplate,
  PracticeLocation,
  Service,
  ServiceInput,
  ServiceUpdate,
  TemplateInput,
  TemplateUpdate,
  Workspace,
  WorkspaceUpdate,
} from '../../api/types';

const byId = (id: string) => ({ path: { id } });
const all = { params: { query: { status: 'all', limit: 100 } } } as const;

export function updateWorkspace(body: WorkspaceUpdate): Promise<Workspace> {
  return unwrap(api.PUT('/api/v1/workspace', { body }));
}

export function fetchAllServices(headers: Record<string, string> = {}): Promise<Service[]> {
  return unwrap(api.GET('/api/v1/services', { ...all, headers }));
}

export function createService(body: ServiceInput, key: string): Promise<Service> {
  return unwrap(api.POST('/api/v1/services', { params: { header: { 'Idempotency-Key': key } }, body }));
}

export function updateService(id: string, body: ServiceUpdate): Promise<Service> {
  return unwrap(api.PUT('/api/v1/services/{id}', { params: byId(id), body }));
}

export function fetchAllLocations(headers: Record<string, string> = {}): Promise<PracticeLocation[]> {
  return unwrap(api.GET('/api/v1/locations', { ...all, headers }));
}

export function createLocation(body: LocationInput, key: string): Promise<PracticeLocation> {
  return unwrap(api.POST('/api/v1/locations', { params: { header: { 'Idempotency-Key': key } }, body }));
}

export function updateLocation(id: string, body: LocationUpdate): Promise<PracticeLocation> {
  return unwrap(api.PUT('/api/v1/locations/{id}', { params: byId(id), body }));
}

export function fetchFeeds(): Promise<Feed[]> {
  return unwrap(api.GET('/api/v1/feeds'));
}

export function createFeed(privacy: Feed['privacy']): Promise<CreatedFeed> {
  return unwrap(api.POST('/api/v1/feeds', { body: { privacy } }));
}

export async function revokeFeed(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/feeds/{id}', { params: byId(id) }));
}

export function createTemplate(body: TemplateInput, key: string): Promise<NoteTemplate> {
  return unwrap(api.POST('/api/v1/note-templates', { params: { header: { 'Idempotency-Key': key } }, body }));
}

export function updateTemplate(id: string, body: TemplateUpdate): Promise<NoteTemplate> {
  return unwrap(api.PUT('/api/v1/note-templates/{id}', { params: byId(id), body }));
}

export async function deleteTemplate(id: string): Promise<void> {
  await unwrap(api.DELETE('/api/v1/note-templates/{id}', { params: byId(id) }));
}

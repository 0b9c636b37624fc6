// What somebody gives as a dataset, a folder or a zip, looked through; and why it is not taken.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import { chosen, dropped, fileOf, type Folder } from '../lib/folder';
import { walked, type Handle } from '../lib/handles';
import { BadZip, isOtherArchive, isZip, unzipped } from '../lib/zip';

/** Of a field that chooses files. */
export async function ofFiles(files: Iterable<File>, signal: AbortSignal): Promise<Folder> {
  const [only, more] = files;
  const isAlone = only && !more && !only.webkitRelativePath;
  return isAlone && isArchive(only.name) ? archive(only, signal) : chosen(files);
}

/** Of what was dropped. */
export async function ofEntries(entries: readonly FileSystemEntry[], signal: AbortSignal): Promise<Folder> {
  const [only, more] = entries;
  const isAlone = only?.isFile && !more && isArchive(only.name);
  return isAlone ? archive(await fileOf(only as FileSystemFileEntry), signal) : dropped(entries, signal);
}

export async function ofHandle(handle: Handle, signal: AbortSignal): Promise<Folder> {
  return handle.kind === 'directory' ? walked(handle, signal) : archive(await handle.getFile(), signal);
}

const isArchive = (name: string): boolean => isZip(name) || isOtherArchive(name);

async function archive(file: File, signal: AbortSignal): Promise<Folder> {
  if (!isZip(file.name)) throw new Error(i18n.m.datasets.upload.otherArchive);
  return unzipped(file, signal);
}

/** Why it is not taken, or what has become of it on its way. */
export function told(error: unknown): { message: string; nextStep: string } {
  if (!(error instanceof BadZip)) return explain(error);
  const m = i18n.m.datasets.upload;
  return { message: m.zip[error.fault](error.entry || m.theZip), nextStep: '' };
}

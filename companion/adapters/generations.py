"""Generations of the index: each build is a new folder, swapped in by one atomic pointer; nothing that was written is ever changed.

    state_dir/index/
      CURRENT                 name of the generation in use
      build.lock              one build at a time
      embeddings.sqlite       vectors of curated texts by content hash
      risk/<hash>.npz         triage's classifiers by what they were trained on
      gen-<fingerprint>/      manifest.json, texts, vectors; a whole one also bm25/ chroma/
      open-<process>/         copy of the Chroma store that one process reads

A generation is *whole*, or a *change* over a whole one: the articles that are new or other, and the ids that are hidden. A change takes as long as
its articles, not as long as the library, so that one edited file of 10,000 can be found at once. Its texts are searched exactly
(`layered.py`). `needs_folding` tells when the change has grown so much that a new whole generation should be built behind the turns; until then
what was removed is hidden, and its text stays in the base. A Chroma server holds the vectors of whole generations as collections.

Readers hold mapped files and copies of their own, so a generation may be dropped while it is read. A build that was killed leaves a folder
without manifest, which the next build removes; the embeddings that it made are in the cache.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from weakref import WeakValueDictionary

from filelock import FileLock

from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.generation_files import (
    LAYOUT,
    Manifest,
    drop_abandoned,
    fitting_manifest,
    read_manifest,
    working_folder,
)
from companion.adapters.generation_writer import GenerationWriter, Ingredients, Order
from companion.adapters.opened_library import Generation, WholeLibrary, lay_over, open_whole
from companion.adapters.risk_classifier import RiskClassifier
from companion.adapters.risk_store import RiskStore
from companion.errors import IndexUnavailable
from companion.library.chunks import CHUNKER_VERSION
from companion.models import Article, Matrix
from companion.ports import Embedder, Progress

log = logging.getLogger(__name__)
_BUILD_PATIENCE_S = 600
_CHANGE_SHARE = 0.05
"""Above this share of changed articles a whole generation is built at once. Chosen by us: the change then no longer saves much."""
_FOLD_SHARE = 0.01
_FOLD_ABOVE = 4
"""From this share and number of changed articles on a whole generation should be built behind the turns. Chosen by us."""


__all__ = ("Generations", "Ingredients")


class Generations:
    """Build, find and open generations of the index in one folder. Thread-safe; several processes may share the folder."""

    def __init__(self, folder: Path, chroma_url: str | None = None, *, exact_up_to: int = 0, shared_risks: Path | None = None) -> None:
        """exact_up_to: passages of a library that is searched exactly, without a Chroma store; a Chroma server is used for every library.
        shared_risks: see `RiskStore`.
        """
        self._folder = folder
        self._chroma_url = chroma_url
        self._exact_up_to = exact_up_to
        self._risks = RiskStore(folder / "risk", shared_risks)
        self._opened: WeakValueDictionary[str, WholeLibrary] = WeakValueDictionary()
        self._hashed: dict[str, tuple[Article, str]] = {}

    def current(self) -> str | None:
        """Return the name of the generation in use, or None before the first build."""
        try:
            name = (self._folder / "CURRENT").read_text("utf-8", errors="replace").strip()
        except OSError:
            return None
        return name if name.startswith("gen-") and (self._folder / name / "manifest.json").exists() else None

    def build(
        self,
        ingredients: Ingredients | Callable[[], Ingredients],
        embedder: Embedder,
        *,
        progress: Progress = lambda _d, _a: None,
        rebuild: bool = False,
        is_quick: bool = False,
    ) -> tuple[str, bool]:
        """Make the generation of these ingredients the current one; return its name and whether anything was built.

        ingredients: or what reads them, called when it is this build's turn, so that the last build has read the newest.
        rebuild: build it whole and anew even when it stands already. is_quick: take the classifier in use along instead of training another,
        when there is one; a second build without it then brings the right one.

        Raises: EmbeddingFailed, IndexUnavailable.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._folder / "build.lock", timeout=_BUILD_PATIENCE_S):
                read = ingredients if isinstance(ingredients, Ingredients) else ingredients()
                return self._build(Order(read, embedder, progress, rebuild, is_quick))
        except OSError as exc:
            raise IndexUnavailable("the index cannot be written; check free disk space and rights of the state folder") from exc

    def fold(self, read: Callable[[], Ingredients], embedder: Embedder) -> str:
        """Build a whole generation while edits go on being published, lay those over it in the end, and return the name of the result.

        Raises: EmbeddingFailed, IndexUnavailable.
        """
        try:
            with working_folder(self._folder) as apart:  # removed by others, should this process be killed
                order = Order(read(), embedder, lambda _d, _a: None, rebuild=True, is_quick=False)
                whole, _ = self._planned(order, None)
                self._writer(embedder, apart).write(order, whole, None)
                with FileLock(self._folder / "build.lock", timeout=_BUILD_PATIENCE_S):
                    os.rename(apart / whole.name, self._folder / whole.name)
                    onto = read_manifest(self._folder / whole.name)
                    return self._build(replace(order, ingredients=read(), rebuild=False, is_quick=True), onto)[0]
        except OSError as exc:
            raise IndexUnavailable("the index cannot be folded; check free disk space and rights of the state folder") from exc

    def needs_folding(self) -> bool:
        """Tell whether the current generation is a change that has grown large, so that `fold` is due."""
        manifest = self._manifest()
        return manifest is not None and manifest.n_changed > max(_FOLD_ABOVE, _FOLD_SHARE * len(manifest.hashes))

    def needs_training(self) -> bool:
        """Tell whether the current generation was built quickly, with the classifier of earlier exemplars."""
        manifest = self._manifest()
        return manifest is not None and manifest.has_older_risk

    def train(self, ingredients: Ingredients, embedder: Embedder) -> None:
        """Train triage's classifier for these ingredients, so that the next quick build takes it; holds no build up.

        Raises: EmbeddingFailed, IndexUnavailable.
        """
        try:
            self._risks.train(ingredients.exemplars, embedder, EmbeddingCache(self._folder / "embeddings.sqlite", embedder))
        except OSError as exc:
            raise IndexUnavailable("triage's classifier cannot be written; check free disk space of the state folder") from exc

    def embedded(self, texts: Sequence[str], embedder: Embedder) -> Matrix:
        """Return the vectors of curated texts, those that are shipped or were made before without the model: float32, (n_texts, dim).

        Raises: EmbeddingFailed.
        """
        try:
            return EmbeddingCache(self._folder / "embeddings.sqlite", embedder).embed(texts)
        except IndexUnavailable:  # the state folder cannot be written
            return embedder.embed_passages(texts)

    def kept_risk(self, model_id: str) -> RiskClassifier | None:
        """Return the classifier that was trained last with this embedding model, or None."""
        return self._risks.newest(model_id)

    def open_current(self, model_id: str) -> Generation:
        """Open the generation in use.

        Raises: IndexUnavailable when there is none or it is damaged; EmbeddingFailed when it was made with another model.
        """
        while (name := self.current()) is not None:
            try:
                return self._open(name, model_id)
            except IndexUnavailable:
                if self.current() == name:  # else a build has just dropped it, and the newer one is opened
                    raise
        raise IndexUnavailable("there is no index yet; run `companion index`")

    def _open(self, name: str, model_id: str) -> Generation:
        manifest = fitting_manifest(self._folder / name, model_id)
        risk = self._risks.find(manifest.risk, model_id)
        if risk is None:
            raise IndexUnavailable("triage's classifier is missing or damaged; run `companion index --rebuild`")
        whole = self._whole(manifest.base or name, model_id)
        if manifest.base is not None:
            return lay_over(whole, self._folder, manifest, risk)
        return Generation(name, whole.shelf, whole.vectors, whole.words, risk, lambda: whole.vectors.is_whole)

    def _whole(self, name: str, model_id: str) -> WholeLibrary:
        opened = self._opened.get(name)
        if opened is None:
            manifest = fitting_manifest(self._folder / name, model_id)
            opened = self._opened[name] = open_whole(self._folder, manifest, self._chroma_url, self._exact_up_to)
        return opened

    def _build(self, order: Order, onto: Manifest | None = None) -> tuple[str, bool]:
        """Build and publish. onto: a whole generation that is not published yet, to lay the change over."""
        self._drop_half_built()
        before = onto or self._manifest()
        manifest, changed = self._planned(order, before)
        is_there = before is not None and _content_of(before.name) == _content_of(manifest.name) and not order.rebuild
        if before is not None and is_there:
            manifest = before
        else:
            self._writer(order.embedder, self._folder).write(order, manifest, changed if manifest.base else None)
        if onto is not None or not is_there:
            self._point_to(manifest.name)
            self._drop_unread({manifest.name, manifest.base or manifest.name})
            self._risks.drop_old(keep=manifest.risk)
        return manifest.name, not is_there

    def _planned(self, order: Order, before: Manifest | None) -> tuple[Manifest, Set[str]]:
        """Return the manifest of what is to be written, and the articles that a change holds; before: what it may change."""
        model_id = order.embedder.model_id
        hashes = self._hashes(order.ingredients.articles)
        risk, is_older = self._risk_key(order, before)
        base = None if order.rebuild else self._base_of(before, model_id)
        changed = _changed(base.hashes, hashes) if base else set()
        if base is not None and len(changed) > _CHANGE_SHARE * len(base.hashes) + _FOLD_ABOVE:
            base, changed = None, set()
        manifest = Manifest(
            name=self._unused(f"gen-{_fingerprint(hashes, model_id, f'{risk} of earlier exemplars' if is_older else risk)}"),
            layout=LAYOUT,
            model_id=model_id,
            risk=risk,
            has_older_risk=is_older,
            base=base.name if base else None,
            hidden=sorted(changed & base.hashes.keys()) if base else (),
            n_changed=len(changed),
            hashes=hashes,
            checksums={},
        )
        return manifest, changed

    def _writer(self, embedder: Embedder, folder: Path) -> GenerationWriter:
        cache = EmbeddingCache(self._folder / "embeddings.sqlite", embedder)
        return GenerationWriter(folder, self._risks, cache, self._chroma_url, self._exact_up_to)

    def _manifest(self) -> Manifest | None:
        current = self.current()
        return read_manifest(self._folder / current) if current else None

    def _risk_key(self, order: Order, before: Manifest | None) -> tuple[str, bool]:
        """Return the key of the classifier to use, and whether it is an older one than it should be."""
        key = self._risks.key(order.ingredients.exemplars, order.embedder.model_id)
        if order.is_quick and before is not None and before.model_id == order.embedder.model_id and not self._risks.has(key):
            return before.risk, True
        return key, False

    def _base_of(self, manifest: Manifest | None, model_id: str) -> Manifest | None:
        if manifest is None or manifest.model_id != model_id:
            return None
        base = manifest if manifest.base is None else read_manifest(self._folder / manifest.base)
        return base if base is not None and base.model_id == model_id else None

    def _hashes(self, articles: tuple[Article, ...]) -> dict[str, str]:
        """Return article id → hash; an article that is the same object as last time is not hashed again."""
        known, self._hashed = self._hashed, {}
        for article in articles:
            found = known.get(article.id)
            digest = found[1] if found is not None and found[0] is article else hashlib.sha256(repr(article).encode()).hexdigest()[:20]
            self._hashed[article.id] = (article, digest)
        return {article_id: digest for article_id, (_, digest) in self._hashed.items()}

    def _unused(self, wanted: str) -> str:
        names = (wanted if n == 1 else f"{wanted}-{n}" for n in count(1))
        return next(name for name in names if not (self._folder / name).exists())

    def _point_to(self, name: str) -> None:
        draft = self._folder / f"CURRENT.{os.getpid()}"
        draft.write_text(name, "utf-8")
        os.replace(draft, self._folder / "CURRENT")

    def _drop_half_built(self) -> None:
        """Remove what builds that were killed have left; this process holds the lock, so no other is building."""
        drop_abandoned(self._folder)
        for folder in self._folder.glob("gen-*"):
            if not (folder / "manifest.json").exists():
                shutil.rmtree(folder, ignore_errors=True)

    def _drop_unread(self, keep: set[str]) -> None:
        for folder in self._folder.glob("gen-*"):
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)
        if self._chroma_url:
            from companion.adapters.chroma_index import open_server
            from companion.adapters.chroma_leases import drop_unread_collections

            kept = {m.collections for name in keep if (m := read_manifest(self._folder / name)) is not None and m.collections}
            try:
                with closing(open_server(self._chroma_url)) as client:
                    drop_unread_collections(client, kept)
            except IndexUnavailable as exc:
                log.warning("old collections stay until the next build: %s", exc)


def _content_of(name: str) -> str:
    """Return the part of a generation's name that tells its content; two builds of one content have numbers after it."""
    return "-".join(name.split("-")[:2])


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    """Return the articles that were changed, added or removed since a base."""
    return {article for article, _ in before.items() ^ now.items()}


def _fingerprint(hashes: Mapping[str, str], model_id: str, risk: str) -> str:
    digest = hashlib.sha256(f"{LAYOUT}\n{CHUNKER_VERSION}\n{model_id}\n{risk}\n".encode())
    for article, content in sorted(hashes.items()):
        digest.update(f"{article}\t{content}\n".encode())
    return digest.hexdigest()[:16]

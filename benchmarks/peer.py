"""What a user would build instead, run by an interpreter of its own: presidio, sentence-transformers, logistic regression.

``python peer.py MODEL < texts``: a JSON list of texts on standard input; prints the seconds each part took, as JSON. Nothing of ours is
imported, and everything is loaded before the clock starts.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Redacts, encodes and classifies the texts."""
    import numpy as np
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_anonymizer import AnonymizerEngine
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression

    class Blank(SpacyNlpEngine):
        """No trained pipeline is at hand offline."""

        def load(self) -> None:
            import spacy

            self.nlp = {"en": spacy.blank("en")}

    texts = json.load(sys.stdin)
    engine = Blank(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.load()
    analyser, anonymiser = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"]), AnonymizerEngine()
    encoder = SentenceTransformer(sys.argv[1], device="cpu")
    draw = np.random.default_rng(0)
    classes = [LogisticRegression().fit(draw.normal(size=(64, 384)), np.arange(64) % 2) for _ in range(6)]
    anonymiser.anonymize(texts[0], analyser.analyze(texts[0], language="en"))
    encoder.encode(texts[:2])

    start = time.perf_counter()
    redacted = [anonymiser.anonymize(text, analyser.analyze(text, language="en")).text for text in texts]
    after = time.perf_counter()
    vectors = encoder.encode(redacted, batch_size=32, show_progress_bar=False)
    for model in classes:
        model.predict_proba(vectors)
    end = time.perf_counter()
    json.dump({"texts": len(texts), "redact_s": after - start, "encode_and_classify_s": end - after}, sys.stdout)


if __name__ == "__main__":
    main()

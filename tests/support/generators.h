// RapidCheck generators for the values of core: small, full of edge cases.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/query/session_document.h"
#include "core/records/manifest.h"

namespace seshat::testing {

// Valid UTF-8 of 0–24 code points: letters, digits, JSON's and SQL's special characters, emoji, control
// characters.
rc::Gen<std::string> AnyText();
// The same, at least one code point.
rc::Gen<std::string> AnyName();
// Any bytes, 0–40.
rc::Gen<std::string> AnyBytes();
// What a metadata value looks like: numbers, units, dates, words, and what only looks like them.
rc::Gen<std::string> AnyMetadataText();
rc::Gen<Timestamp> AnyTimestamp();  // 1678–2261
rc::Gen<Sha256> AnySha256();
rc::Gen<Owner> AnyOwner();
rc::Gen<Manifest> AnyManifest();
rc::Gen<Receipt> AnyReceipt();
rc::Gen<ProcessingFailure> AnyProcessingFailure();
rc::Gen<MetadataEntry> AnyMetadataEntry();      // typed by TypeValue
rc::Gen<SessionDocument> AnySessionDocument();  // well-formed: sorted files, known states

template <typename T>
rc::Gen<std::optional<T>> Maybe(rc::Gen<T> inner) {
  return rc::gen::oneOf(rc::gen::just(std::optional<T>()),
                        rc::gen::map(std::move(inner), [](T value) { return std::optional<T>(std::move(value)); }));
}

}  // namespace seshat::testing

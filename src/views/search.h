// A page of hits as JSON, with what goes with it: facets, histograms, highlights, and an explanation.
#pragma once

#include <boost/json/object.hpp>

#include "services/catalog/search.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kSearchPage;
extern const Table kHit;
extern const Table kHighlight;
extern const Table kFacet;
extern const Table kHistogram;
extern const Table kExplanation;
extern const Table kStage;

boost::json::object JsonOf(const catalog::SearchAnswer& answer);

}  // namespace seshat::views

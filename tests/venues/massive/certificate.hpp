// A certificate of one's own for tests and trials: a CA and a server's certificate that it signed.
#pragma once

#include <string>
#include <vector>

namespace tradebus::massive_sim {

// Writes ca.pem, cert.pem and key.pem (readable by its owner only) into the folder, which is made when it isn't there.
// Good for these host names and addresses, for a year from yesterday on. Throws std::runtime_error.
void make_certificate(const std::string& folder, const std::vector<std::string>& hosts);

}  // namespace tradebus::massive_sim

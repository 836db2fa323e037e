package testhapi;

import ca.uhn.hapi.fhir.cdshooks.api.ICdsHooksDaoAuthorizationSvc;
import ca.uhn.hapi.fhir.cdshooks.config.CdsHooksConfig;
import ca.uhn.hapi.fhir.cdshooks.svc.CdsHooksContextBooter;
import org.opencds.cqf.fhir.cr.hapi.cdshooks.CdsCrSettings;
import org.opencds.cqf.fhir.cr.hapi.config.CrCdsHooksConfig;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** HAPI's own CDS Hooks endpoint: one service per PlanDefinition with a named-event trigger. */
@Configuration
@Import({CdsHooksConfig.class, CrCdsHooksConfig.class})
public class CdsHooksBeans {
  @Bean
  CdsCrSettings cdsCrSettings() {
    return CdsCrSettings.getDefault();
  }

  @Bean
  CdsHooksContextBooter cdsHooksContextBooter() {
    return new CdsHooksContextBooter();
  }

  @Bean
  ICdsHooksDaoAuthorizationSvc cdsHooksDaoAuthorizationSvc() {
    return resource -> { };
  }
}

package testhapi;

import ca.uhn.fhir.batch2.api.IJobMaintenanceService;
import ca.uhn.fhir.rest.api.server.cdshooks.CdsServiceRequestJson;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.hapi.fhir.cdshooks.api.ICdsServiceRegistry;
import ca.uhn.hapi.fhir.cdshooks.config.CdsHooksConfig;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** A throw-away HAPI FHIR R4 JPA server on loopback. It ends by itself when whoever started it closes its standard input. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger("testhapi");

  static String setting(String name, String fallback) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? fallback : value;
  }

  public static void main(String[] args) throws Exception {
    long begun = System.nanoTime();
    endWithStandardInput();
    AnnotationConfigApplicationContext spring = new AnnotationConfigApplicationContext();
    // HAPI's modules have a few circular references.
    spring.setAllowCircularReferences(true);
    spring.setAllowBeanDefinitionOverriding(true);
    spring.register(JpaBeans.class, ClinicalReasoningBeans.class, CdsHooksBeans.class);
    spring.refresh();

    hurryJobs(spring.getBean(IJobMaintenanceService.class));

    int port = Integer.parseInt(setting("HAPI_PORT", "8080"));
    Server jetty = new Server(new InetSocketAddress("127.0.0.1", port));
    ServletContextHandler web = new ServletContextHandler("/");
    web.addServlet(new ServletHolder("fhir", spring.getBean(RestfulServer.class)), "/fhir/*");
    web.addServlet(new ServletHolder("cds", new CdsServlet(spring)), "/cds-services/*");
    jetty.setHandler(web);
    jetty.setStopTimeout(2000);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(jetty, spring), "shutdown"));
    jetty.start();
    LOG.info("ready on port {} after {} ms", port, (System.nanoTime() - begun) / 1_000_000);
    jetty.join();
  }

  /** A parent that was killed cannot tell us to stop, but its end of the pipe is closed. */
  private static void endWithStandardInput() {
    Thread watch = new Thread(() -> {
      try {
        while (System.in.read() >= 0) { }
      } catch (IOException e) {
        LOG.warn("standard input", e);
      }
      System.exit(0);
    }, "standard-input");
    watch.setDaemon(true);
    watch.start();
  }

  /** HAPI looks after its jobs once a minute, three or four times an export; nobody wants to wait for that in a test. */
  private static void hurryJobs(IJobMaintenanceService jobs) {
    Executors.newSingleThreadScheduledExecutor(work -> {
      Thread thread = new Thread(work, "jobs");
      thread.setDaemon(true);
      return thread;
    }).scheduleWithFixedDelay(() -> {
      try {
        jobs.runMaintenancePass();
      } catch (RuntimeException e) {
        LOG.warn("jobs", e);
      }
    }, 1, 1, TimeUnit.SECONDS);
  }

  private static void stop(Server jetty, AnnotationConfigApplicationContext spring) {
    try {
      jetty.stop();
    } catch (Exception e) {
      LOG.warn("jetty", e);
    }
    spring.close();
  }

  /** Hands CDS Hooks requests to HAPI's registry: GET discovery, POST /{id}. */
  static final class CdsServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private final transient ICdsServiceRegistry registry;
    private final transient ObjectMapper mapper;

    CdsServlet(AnnotationConfigApplicationContext spring) {
      registry = spring.getBean(ICdsServiceRegistry.class);
      mapper = spring.getBean(CdsHooksConfig.CDS_HOOKS_OBJECT_MAPPER_FACTORY, ObjectMapper.class);
    }

    private void answer(HttpServletResponse response, int status, Object body) throws IOException {
      response.setStatus(status);
      response.setContentType("application/json;charset=UTF-8");
      response.getWriter().print(mapper.writeValueAsString(body));
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      answer(response, 200, registry.getCdsServicesJson());
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
      String id = request.getPathInfo() == null ? "" : request.getPathInfo().substring(1);
      try {
        CdsServiceRequestJson call = mapper.readValue(request.getReader(), CdsServiceRequestJson.class);
        answer(response, 200, registry.callService(id, call));
      } catch (BaseServerResponseException e) {
        answer(response, e.getStatusCode(), Map.of("error", String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        LOG.warn("cds-services", e);
        answer(response, 500, Map.of("error", String.valueOf(e)));
      }
    }
  }
}
